/// The name of one run of a gateway among those that share a Redis: 8 digits that say when it started, then 13 random ones, in base 36. A
/// gateway that starts anew is another node.
public struct NodeID: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public let rawValue: String

    /// The digits of the time.
    private static let timeLength = 8

    /// A name that nobody else has.
    ///
    /// - Parameters:
    ///   - startedAt: Milliseconds since 1970.
    ///   - generator: Where the random digits come from.
    public init(startedAt: Int64, using generator: inout some RandomNumberGenerator) {
        let random = UInt64.random(in: .min ... .max, using: &generator)
        rawValue = Self.padded(String(max(0, startedAt), radix: 36), Self.timeLength) + Self.padded(String(random, radix: 36), 13)
    }

    /// Returns `nil` where the text is no such name.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard bytes.count == Self.timeLength + 13, bytes.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) }) else {
            return nil
        }
        rawValue = String(text)
    }

    /// When the node started, in milliseconds since 1970.
    public var startedAt: Int64 { Int64(rawValue.prefix(Self.timeLength), radix: 36) ?? 0 }

    /// The name.
    public var description: String { rawValue }

    private static func padded(_ digits: String, _ length: Int) -> String {
        String(repeating: "0", count: max(0, length - digits.count)) + digits.suffix(length)
    }
}
