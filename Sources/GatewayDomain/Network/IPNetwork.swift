/// A block of IP addresses, as CIDR notation writes it: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Its first address.
    public let address: IPAddress
    /// How many leading bits its addresses share.
    public let prefixLength: Int

    /// The block that `address` lies in; the bits beyond the prefix do not matter.
    public init(_ address: IPAddress, prefixLength: Int) {
        self.address = address.masked(to: prefixLength)
        self.prefixLength = prefixLength
    }

    /// The block in CIDR notation; an address alone is a block of one. Returns `nil` where it is neither.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.family.bits)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1]), length <= address.family.bits
        else { return nil }
        self.init(address, prefixLength: length)
    }

    /// Whether the address lies in the block.
    public func contains(_ candidate: IPAddress) -> Bool {
        candidate.family == address.family && candidate.masked(to: prefixLength) == address
    }

    /// The CIDR notation.
    public var description: String { "\(address)/\(prefixLength)" }
}

extension IPAddress {
    /// The block by which limits count. Who has an IPv6 address has 2⁶⁴ of them (RFC 6177), so these count as one.
    public var limitedNetwork: IPNetwork { IPNetwork(self, prefixLength: family == .v4 ? 32 : 64) }

    /// By what limits count an address given as text: its block, or the text itself where it is no address.
    public static func limitKey(_ text: String) -> String {
        guard let address = IPAddress(text) else { return text }
        return address.family == .v4 ? address.description : address.limitedNetwork.description
    }

    fileprivate func masked(to prefixLength: Int) -> IPAddress {
        let hidden = family.bits - min(max(prefixLength, 0), family.bits)
        guard hidden > 0 else { return self }
        return IPAddress(family: family, value: hidden == 128 ? 0 : (value >> UInt128(hidden)) << UInt128(hidden))
    }
}
