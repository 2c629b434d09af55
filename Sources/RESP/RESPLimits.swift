/// How large a value may be that is read. A server that keeps the protocol stays far below; one that does not must not exhaust the memory.
public struct RESPLimits: Hashable, Sendable {
    /// The longest string, in bytes: 64 MiB. Redis itself has 512 MiB (`proto-max-bulk-len`).
    public var maximumBulkLength = 64 * 1024 * 1024
    /// The longest line (a number, a short string, an error), in bytes without its end: 64 KiB.
    public var maximumLineLength = 64 * 1024
    /// The most bytes that all parts of one value may have together: 256 MiB.
    public var maximumValueLength = 256 * 1024 * 1024
    /// The most parts that one value may have, at all depths together.
    public var maximumElementCount = 1_048_576
    /// How deep values may be nested.
    public var maximumDepth = 16

    /// The limits that the properties name.
    public init() {}
}

/// Why bytes are no value of the protocol. The position in the stream is lost with that: the connection has to be closed.
public enum RESPProtocolError: Error, Hashable, Sendable {
    /// A value begins with a byte that stands for no kind.
    case unknownType(UInt8)
    /// What should be a length or a number is none.
    case malformedNumber
    /// A line or a string does not end where it should.
    case missingLineEnd
    /// A verbatim string without its format, which is three ASCII letters.
    case malformedVerbatim
    /// More than ``RESPLimits`` allow; the member that was passed.
    case tooLarge(limit: String)
    /// A value whose length is not known at its beginning: the standard has them, no server sends them.
    case streamed
}
