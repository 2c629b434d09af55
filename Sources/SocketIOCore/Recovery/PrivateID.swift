import EngineIOCore
public import NIOCore

/// The `pid` of a socket: what a client shows to get its session back, known to nobody else.
///
/// 24 characters of base64url: 144 random bits. It stays the same when the session moves to another connection, event loop or node.
///
/// Kept as numbers, not as text: every socket holds its own.
public struct PrivateID: Hashable, Sendable {
    /// The first ten characters, six bits each, the first character lowest. Few enough of all there are have the same for a table of sockets
    /// to go by these alone, where the rest is compared afterwards.
    public let prefix: UInt64
    /// The next ten.
    private let middle: UInt64
    /// The last four.
    private let suffix: UInt32

    private static let length = 24
    private static let charactersOfWord = 10
    private static let bitsOfWord: UInt64 = 1 << 60 - 1
    private static let bitsOfSuffix: UInt64 = 1 << 24 - 1

    /// A new id.
    public init(using generator: inout some RandomNumberGenerator) {
        prefix = generator.next() & Self.bitsOfWord
        middle = generator.next() & Self.bitsOfWord
        suffix = UInt32(generator.next() & Self.bitsOfSuffix)
    }

    /// Reads an id that a client sent; `nil` where it cannot be one of ours.
    public init?(_ text: String) {
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var count = 0
        for byte in text.utf8 {
            guard count < Self.length, let value = IDCharacters.value(of: byte) else { return nil }
            let bits = value << UInt64(6 * (count % Self.charactersOfWord))
            switch count / Self.charactersOfWord {
            case 0: words.0 |= bits
            case 1: words.1 |= bits
            default: words.2 |= bits
            }
            count += 1
        }
        guard count == Self.length else { return nil }
        (prefix, middle, suffix) = (words.0, words.1, UInt32(words.2))
    }

    /// Takes the same time whatever the difference is: who guesses an id does not learn how much of it is right.
    public static func == (left: Self, right: Self) -> Bool {
        (left.prefix ^ right.prefix) | (left.middle ^ right.middle) | UInt64(left.suffix ^ right.suffix) == 0
    }

    /// The id as it goes over the wire.
    public var rawValue: String {
        // `unsafe`: the pointer is used within the closure only.
        String(unsafeUninitializedCapacity: Self.length) { fill(UnsafeMutableRawBufferPointer($0)) }
    }

    /// Appends the id as it goes over the wire.
    public func write(into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.length) { fill($0) }
    }

    private func fill(_ text: UnsafeMutableRawBufferPointer) -> Int {
        for index in 0..<Self.charactersOfWord {
            let shift = UInt64(6 * index)
            text[index] = IDCharacters.character(of: prefix >> shift)
            text[index + Self.charactersOfWord] = IDCharacters.character(of: middle >> shift)
        }
        for index in 0..<(Self.length - 2 * Self.charactersOfWord) {
            text[index + 2 * Self.charactersOfWord] = IDCharacters.character(of: UInt64(suffix) >> UInt64(6 * index))
        }
        return Self.length
    }
}
