/// The id of an Engine.IO session: 20 characters of base64url, of which the first two name the event loop that owns the session.
///
/// Any loop can so find the owner of a session without a table that all loops share. The other 18 characters are 108 random bits: who
/// does not hold the id cannot guess it.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in the `sid` of a query.
    public let rawValue: String
    /// Which event loop owns the session.
    public let loopIndex: Int

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let length = 20

    /// A new id for a session of event loop `loopIndex` (0 to 4,095).
    public init(loopIndex: Int, using generator: inout some RandomNumberGenerator) {
        precondition((0..<4096).contains(loopIndex), "at most 4,096 event loops")
        self.loopIndex = loopIndex
        self.rawValue = String(unsafeUninitializedCapacity: Self.length) { buffer in
            buffer[0] = Self.alphabet[loopIndex >> 6]
            buffer[1] = Self.alphabet[loopIndex & 63]
            var random: UInt64 = 0
            for index in 2..<Self.length {
                if (index - 2) % 10 == 0 { random = generator.next() }
                buffer[index] = Self.alphabet[Int(random & 63)]
                random >>= 6
            }
            return Self.length
        }
    }

    /// Reads an id that a client sent; `nil` where it cannot be one of ours.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(Self.length + 1))
        guard bytes.count == Self.length, bytes.allSatisfy(Self.alphabet.contains),
            let high = Self.alphabet.firstIndex(of: bytes[0]), let low = Self.alphabet.firstIndex(of: bytes[1])
        else { return nil }
        self.rawValue = String(text)
        self.loopIndex = high << 6 | low
    }

    /// The id as it stands in the `sid` of a query.
    public var description: String { rawValue }
}
