/// The id of a user: opaque, case-sensitive, `[A-Za-z0-9-]{8,64}`.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The id as the client and the publisher write it.
    public let rawValue: String

    /// Returns `nil` where the text is not a valid user id.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (8...64).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.rawValue = String(text)
    }

    /// The id as the client and the publisher write it.
    public var description: String { rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
