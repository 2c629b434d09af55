import EngineIOCore
import NIOCore
import NIOWebSocket

/// Makes whole messages of WebSocket frames and keeps the rules of RFC 6455 that the frame decoder does not.
///
/// A value without I/O: one frame in, one action out. Memory is bounded by `maxPayload`.
struct MessageAssembler {
    enum Action: Equatable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        /// Answer with a pong of the same payload (section 5.5.2).
        case pong(ByteBuffer)
        /// The peer closes: echo its code (section 5.5.1).
        case peerClosed(code: UInt16?)
        /// Close with this code (section 7.4.1).
        case fail(code: UInt16)
        case nothing
    }

    private enum State {
        case idle
        case assembling(WebSocketOpcode, ByteBuffer, isCompressed: Bool)
        case ended
    }

    private var state = State.idle
    /// What has come of the text being assembled: bad UTF-8 is refused in the fragment that it is in, not at the message's end.
    private var validator = UTF8Validator()
    private let maxPayload: Int
    /// Reads compressed messages; `nil` where compression has not been agreed on.
    private let inflater: Inflater?

    init(maxPayload: Int, inflater: Inflater? = nil) {
        self.maxPayload = maxPayload
        self.inflater = inflater
    }

    mutating func received(_ frame: WebSocketFrame) -> Action {
        if case .ended = state { return .nothing }
        let action = handle(frame)
        switch action {
        case .fail, .peerClosed: state = .ended
        default: break
        }
        return action
    }

    private mutating func handle(_ frame: WebSocketFrame) -> Action {
        guard !frame.rsv2, !frame.rsv3, frame.maskKey != nil else { return .fail(code: 1002) }
        // RSV1 marks the first frame of a compressed message, and nothing else (RFC 7692, section 6).
        guard !frame.rsv1 || (inflater != nil && (frame.opcode == .text || frame.opcode == .binary)) else { return .fail(code: 1002) }
        switch frame.opcode {
        case .text, .binary:
            guard case .idle = state else { return .fail(code: 1002) }
            return begin(frame)
        case .continuation:
            guard case .assembling(let opcode, let message, let isCompressed) = state else { return .fail(code: 1002) }
            // Lets go of the state's reference first: the message is so appended to in place.
            state = .idle
            return goOn(frame, opcode, message, isCompressed: isCompressed)
        case .ping: return .pong(frame.unmaskedData)
        case .pong: return .nothing
        case .connectionClose: return closeReceived(frame.unmaskedData)
        default: return .fail(code: 1002)
        }
    }

    private mutating func begin(_ frame: WebSocketFrame) -> Action {
        let payload = frame.unmaskedData
        guard payload.readableBytes <= maxPayload else { return .fail(code: 1009) }
        if frame.fin {
            if frame.rsv1 { return inflate(frame.opcode, payload) }
            return finish(frame.opcode, payload)
        }
        if frame.opcode == .text, !frame.rsv1 {
            validator = UTF8Validator()
            guard validator.consume(payload) else { return .fail(code: 1007) }
        }
        state = .assembling(frame.opcode, payload, isCompressed: frame.rsv1)
        return .nothing
    }

    private mutating func goOn(
        _ frame: WebSocketFrame,
        _ opcode: WebSocketOpcode,
        _ message: consuming ByteBuffer,
        isCompressed: Bool
    ) -> Action {
        var payload = frame.unmaskedData
        guard message.readableBytes + payload.readableBytes <= maxPayload else { return .fail(code: 1009) }
        let isPlainText = opcode == .text && !isCompressed
        guard !isPlainText || validator.consume(payload) else { return .fail(code: 1007) }
        message.writeBuffer(&payload)
        guard frame.fin else {
            state = .assembling(opcode, message, isCompressed: isCompressed)
            return .nothing
        }
        if isCompressed { return inflate(opcode, message) }
        guard isPlainText else { return .binary(message) }
        return validator.isComplete ? .text(message) : .fail(code: 1007)
    }

    private func inflate(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) -> Action {
        guard let inflater else { return .fail(code: 1002) }
        do {
            return finish(opcode, try inflater.message(payload, limit: maxPayload))
        } catch {
            return .fail(code: error == .tooLarge ? 1009 : 1007)
        }
    }

    private func finish(_ opcode: WebSocketOpcode, _ message: ByteBuffer) -> Action {
        guard opcode == .text else { return .binary(message) }
        return isValidUTF8(message) ? .text(message) : .fail(code: 1007)
    }

    private func closeReceived(_ payload: ByteBuffer) -> Action {
        var payload = payload
        guard payload.readableBytes > 0 else { return .peerClosed(code: nil) }
        guard let code: UInt16 = payload.readInteger() else { return .fail(code: 1002) }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: return .fail(code: 1002)
        }
        return isValidUTF8(payload) ? .peerClosed(code: code) : .fail(code: 1007)
    }
}
