/// An IP address as a number. An IPv4 address that is written in IPv6 (`::ffff:192.0.2.1`), as a listener for both families sees it, is
/// the IPv4 address.
public struct IPAddress: Hashable, Sendable {
    /// The protocol's version.
    public enum Family: Hashable, Sendable {
        /// 32 bits.
        case v4
        /// 128 bits.
        case v6

        /// How many bits an address has.
        public var bits: Int { self == .v4 ? 32 : 128 }
    }

    /// The protocol's version.
    public let family: Family
    /// The address, most significant bit first; IPv4 stands in the lowest 32 bits.
    let value: UInt128

    init(family: Family, value: UInt128) {
        self.family = family
        self.value = value
    }

    private init(v6 value: UInt128) {
        let isMapped = value >> 32 == 0xffff
        self.init(family: isMapped ? .v4 : .v6, value: isMapped ? value & 0xffff_ffff : value)
    }

    /// The address, in the notation of RFC 4291 § 2.2 or four decimal numbers without leading zeros. A zone (`%eth0`) is left out.
    /// Returns `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(64))
        if bytes.contains(UInt8(ascii: ":")) {
            let address = bytes.prefix { $0 != UInt8(ascii: "%") }
            guard let value = Self.v6(address) else { return nil }
            self.init(v6: value)
        } else {
            guard let value = Self.v4(bytes[...]) else { return nil }
            self.init(family: .v4, value: UInt128(value))
        }
    }

    /// The address in 4 or 16 bytes, as they go over the network. Returns `nil` for other counts.
    public init?(networkBytes bytes: some Collection<UInt8>) {
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(family: .v4, value: value)
        case 16: self.init(v6: value)
        default: return nil
        }
    }

    private static func v4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - UInt8(ascii: "0")) }
            guard number <= 255 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func v6(_ text: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        // The one place where zeros are left out.
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else {
            guard let groups = groups(of: text, mayEndInIPv4: true), groups.count == 8 else { return nil }
            return groups.reduce(0) { $0 << 16 | UInt128($1) }
        }
        guard let head = groups(of: text[..<gap], mayEndInIPv4: false), let tail = groups(of: text[(gap + 2)...], mayEndInIPv4: true),
            head.count + tail.count <= 7
        else { return nil }
        let high = head.reduce(UInt128(0)) { $0 << 16 | UInt128($1) } << UInt128(16 * (8 - head.count))
        return high | tail.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    /// The groups between colons; the last may be an IPv4 address, which counts as two.
    private static func groups(of text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), maxSplits: 8, omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let value = v4(part) else { return nil }
                groups += [UInt16(value >> 16), UInt16(truncatingIfNeeded: value)]
            } else {
                guard (1...4).contains(part.count), let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                    part.first != UInt8(ascii: "+"), part.first != UInt8(ascii: "-")
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// Four decimal numbers, or eight groups of hexadecimal digits without leading zeros; nothing is left out.
    public var description: String {
        switch family {
        case .v4: stride(from: 24, through: 0, by: -8).map { String(value >> UInt128($0) & 0xff) }.joined(separator: ".")
        case .v6: stride(from: 112, through: 0, by: -16).map { String(value >> UInt128($0) & 0xffff, radix: 16) }.joined(separator: ":")
        }
    }
}
