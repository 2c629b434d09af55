public import NIOCore

/// A value of the Redis serialization protocol, version 3; version 2 has fewer kinds of them.
///
/// Source: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
public enum RESPValue: Hashable, Sendable {
    /// A short text without line ends, such as `OK`.
    case simpleString(String)
    /// Bytes of any kind.
    case bulkString(ByteBuffer)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction; version 3.
    case double(Double)
    /// Yes or no; version 3. Version 2 has 1 and 0.
    case boolean(Bool)
    /// Nothing: all three ways to write it.
    case null
    /// Values in order.
    case array([RESPValue])
    /// Keys and values, in the order they were sent; version 3. Version 2 has a flat array.
    case map([RESPPair])
    /// Values without a meaning of their order; version 3.
    case set([RESPValue])
    /// What comes without having been asked for; version 3. The first element names its kind.
    case push([RESPValue])
    /// An error in place of a value.
    case error(RESPError)
    /// A whole number of any size, in decimal digits; version 3.
    case bigNumber(String)
    /// A text with its format, three ASCII letters such as `txt`; version 3.
    case verbatim(format: String, ByteBuffer)
}

/// A key and its value in a ``RESPValue/map(_:)``.
public struct RESPPair: Hashable, Sendable {
    /// The key: mostly a string.
    public var key: RESPValue
    /// What it stands for.
    public var value: RESPValue

    /// A pair.
    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// What Redis answers in place of a result.
public struct RESPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole text, such as `WRONGTYPE Operation against a key holding the wrong kind of value`.
    public var message: String

    /// An error with this text.
    public init(_ message: String) {
        self.message = message
    }

    /// The first word, which programs go by: `ERR`, `MOVED`, `NOSCRIPT`.
    public var code: Substring { message.prefix { $0 != " " } }

    /// What follows the first word.
    public var details: Substring { message.dropFirst(code.count).drop { $0 == " " } }

    /// The whole text.
    public var description: String { message }
}
