/// The `pid` of a socket: what a client shows to get its session back, known to nobody else.
///
/// 24 characters of base64url: 144 random bits. It stays the same when the session moves to another connection, event loop or node.
public struct PrivateID: Hashable, Sendable {
    /// The id as it goes over the wire.
    public let rawValue: String

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let length = 24

    /// A new id.
    public init(using generator: inout some RandomNumberGenerator) {
        rawValue = Self.randomText(length: Self.length, using: &generator)
    }

    /// Reads an id that a client sent; `nil` where it cannot be one of ours.
    public init?(_ text: String) {
        let bytes = text.utf8.prefix(Self.length + 1)
        guard bytes.count == Self.length, bytes.allSatisfy(Self.alphabet.contains) else { return nil }
        rawValue = text
    }

    /// `length` characters of 6 random bits each.
    static func randomText(length: Int, using generator: inout some RandomNumberGenerator) -> String {
        var random: UInt64 = 0
        return String(unsafeUninitializedCapacity: length) { buffer in
            for index in 0..<length {
                if index % 10 == 0 { random = generator.next() }
                buffer[index] = alphabet[Int(random & 63)]
                random >>= 6
            }
            return length
        }
    }
}
