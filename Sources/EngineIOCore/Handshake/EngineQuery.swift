/// The parameters of a URL's query (`application/x-www-form-urlencoded`, <https://url.spec.whatwg.org/#urlencoded-parsing>).
///
/// The first of a repeated name counts. At most ``maximumParameters`` are kept.
public struct EngineQuery: Hashable, Sendable {
    /// More parameters than this are ignored.
    public static let maximumParameters = 64

    /// Names and values, decoded, in the order of the query.
    public let parameters: [(name: String, value: String)]

    /// Reads a query without its question mark.
    public init(_ query: some StringProtocol) {
        var parameters: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")).prefix(Self.maximumParameters) {
            let pieces = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            parameters.append((Self.text(pieces[0]), pieces.count > 1 ? Self.text(pieces[1]) : ""))
        }
        self.parameters = parameters
    }

    /// The value of `name`; `nil` where it is absent, an empty string where it has no value.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func text(_ encoded: some Collection<UInt8>) -> String { String(decoding: decode(encoded), as: UTF8.self) }

    /// The bytes that `text` stands for, with its escapes resolved.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var pending = text[...]
        while let byte = pending.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%"), pending.count >= 2, let high = nibble(pending.first),
                let low = nibble(pending.dropFirst().first)
            {
                bytes.append(high << 4 | low)
                pending = pending.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func nibble(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): byte.map { $0 - UInt8(ascii: "0") }
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): byte.map { $0 - UInt8(ascii: "a") + 10 }
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): byte.map { $0 - UInt8(ascii: "A") + 10 }
        default: nil
        }
    }

    /// Whether both hold the same parameters in the same order.
    public static func == (left: Self, right: Self) -> Bool {
        left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }

    /// Hashes names and values.
    public func hash(into hasher: inout Hasher) {
        for (name, value) in parameters {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
