public import NIOCore

/// The id of an Engine.IO session: 20 characters of base64url, of which the first two name the event loop that owns the session.
///
/// Any loop can so find the owner of a session without a table that all loops share. The other 18 characters are 108 random bits: who
/// does not hold the id cannot guess it.
///
/// Kept as numbers, not as text: every connection holds its id, and it is hashed in 16 bytes.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The first ten characters, six bits each.
    private let high: UInt64
    /// The last ten.
    private let low: UInt64

    /// How many characters an id has.
    package static let length = 20
    private static let randomBits: UInt64 = (1 << numberBits) - 1
    /// How many bits ``number`` has.
    @usableFromInline package static let numberBits = 60

    /// A new id for a session of event loop `loopIndex` (0 to 4,095).
    public init(loopIndex: Int, using generator: inout some RandomNumberGenerator) {
        precondition((0..<4096).contains(loopIndex), "at most 4,096 event loops")
        high = UInt64(loopIndex) << 48 | generator.next() & (1 << 48 - 1)
        low = generator.next() & Self.randomBits
    }

    /// Reads an id that a client sent; `nil` where it cannot be one of ours.
    public init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in text.utf8 {
            guard count < Self.length, let value = IDCharacters.value(of: byte) else { return nil }
            if count < 10 { words.0 = words.0 << 6 | value } else { words.1 = words.1 << 6 | value }
            count += 1
        }
        guard count == Self.length else { return nil }
        (high, low) = words
    }

    /// Half of the random bits: by these the id's owner is found in a table, where the rest is compared afterwards.
    package var number: UInt64 { low }

    /// Which event loop owns the session.
    public var loopIndex: Int { Int(high >> 48) }

    /// The id as it stands in the `sid` of a query.
    public var rawValue: String {
        // `unsafe`: the pointer is used within the closure only.
        String(unsafeUninitializedCapacity: Self.length) { fill(UnsafeMutableRawBufferPointer($0)) }
    }

    /// Appends the id as it stands in the `sid` of a query.
    public func write(into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.length) { fill($0) }
    }

    private func fill(_ text: UnsafeMutableRawBufferPointer) -> Int {
        for index in 0..<10 {
            let shift = UInt64(54 - 6 * index)
            text[index] = IDCharacters.character(of: high >> shift)
            text[index + 10] = IDCharacters.character(of: low >> shift)
        }
        return Self.length
    }

    /// The id as it stands in the `sid` of a query.
    public var description: String { rawValue }
}
