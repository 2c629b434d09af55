public import NIOCore

/// A whole message or control frame as it came over a WebSocket (RFC 6455).
public enum WebSocketMessage: Hashable, Sendable {
    /// A text message. Its UTF-8 is not checked.
    case text(ByteBuffer)
    /// A binary message.
    case binary(ByteBuffer)
    /// A ping, to be answered with a pong of the same payload.
    case ping(ByteBuffer)
    /// A pong.
    case pong(ByteBuffer)
    /// The peer closes, with this code if it gave one.
    case close(code: UInt16?)

    /// The text of a text message; `nil` for others.
    public var string: String? {
        if case .text(let text) = self { String(buffer: text) } else { nil }
    }

    /// About how much memory it holds.
    var byteCount: Int {
        switch self {
        case .text(let bytes), .binary(let bytes), .ping(let bytes), .pong(let bytes): bytes.readableBytes
        case .close: 0
        }
    }
}
