public import NIOCore
import RESP

/// An argument of a command: Redis takes bytes and nothing else.
public enum RedisArgument: Hashable, Sendable {
    /// A text, sent as UTF-8.
    case string(String)
    /// Bytes.
    case buffer(ByteBuffer)
    /// A number, sent in decimal digits.
    case integer(Int)

    /// About how many bytes it takes on the wire.
    var size: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .buffer(let bytes): bytes.readableBytes
        case .integer: 20
        }
    }
}

extension RedisArgument: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension ByteBuffer {
    mutating func writeRESPBulk(_ argument: RedisArgument) {
        switch argument {
        case .string(let text): writeRESPBulk(text)
        case .buffer(let bytes): writeRESPBulk(bytes)
        case .integer(let integer): writeRESPBulk("\(integer)")
        }
    }
}
