import NIOCore
import NIOWebSocket

/// Makes whole messages of a server's frames.
///
/// A value without I/O: one frame in, at most one message out. Payloads are copied out of the read buffer, so that a small message which is
/// kept does not keep a large buffer. Memory is bounded by `maxBytes`.
struct MessageReader {
    /// The server has broken RFC 6455; close with this code (section 7.4.1).
    struct Violation: Error, Equatable {
        let code: UInt16
    }

    private let maxBytes: Int
    private var partial: (opcode: WebSocketOpcode, bytes: ByteBuffer)?

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    mutating func received(_ frame: WebSocketFrame) throws(Violation) -> WebSocketMessage? {
        // A server must not mask (section 5.1), and no extension has been negotiated.
        guard frame.maskKey == nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { throw Violation(code: 1002) }
        switch frame.opcode {
        case .text, .binary:
            guard partial == nil else { throw Violation(code: 1002) }
            return try finish(frame.opcode, copy(frame.data), isLast: frame.fin)
        case .continuation:
            guard let (opcode, start) = partial else { throw Violation(code: 1002) }
            partial = nil
            var bytes = start
            guard bytes.readableBytes + frame.data.readableBytes <= maxBytes else { throw Violation(code: 1009) }
            bytes.writeImmutableBuffer(frame.data)
            return try finish(opcode, bytes, isLast: frame.fin)
        case .ping: return .ping(copy(frame.data))
        case .pong: return .pong(copy(frame.data))
        case .connectionClose:
            guard frame.data.readableBytes != 1 else { throw Violation(code: 1002) }
            return .close(code: frame.data.getInteger(at: frame.data.readerIndex))
        default: throw Violation(code: 1002)
        }
    }

    private mutating func finish(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer, isLast: Bool) throws(Violation) -> WebSocketMessage? {
        guard bytes.readableBytes <= maxBytes else { throw Violation(code: 1009) }
        guard isLast else {
            partial = (opcode, bytes)
            return nil
        }
        return opcode == .text ? .text(bytes) : .binary(bytes)
    }

    private func copy(_ bytes: ByteBuffer) -> ByteBuffer { ByteBuffer(bytes: bytes.readableBytesView) }
}
