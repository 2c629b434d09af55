import EngineIOCore
import NIOCore

/// Makes whole messages of WebSocket frames and keeps the rules of RFC 6455 that ``FrameReader`` does not.
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
        case assembling(ReceivedFrame.Opcode, ByteBuffer, isCompressed: Bool)
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

    mutating func received(_ frame: ReceivedFrame) -> Action {
        if case .ended = state { return .nothing }
        let action = handle(frame)
        switch action {
        case .fail, .peerClosed: state = .ended
        default: break
        }
        return action
    }

    private mutating func handle(_ frame: ReceivedFrame) -> Action {
        guard !frame.hasUnknownBits, frame.isMasked, let opcode = frame.opcode else { return .fail(code: 1002) }
        // RSV1 marks the first frame of a compressed message, and nothing else (RFC 7692, section 6).
        guard !frame.isCompressed || (inflater != nil && (opcode == .text || opcode == .binary)) else { return .fail(code: 1002) }
        switch opcode {
        case .text, .binary:
            guard case .idle = state else { return .fail(code: 1002) }
            return begin(frame, opcode)
        case .continuation:
            guard case .assembling(let opcode, let message, let isCompressed) = state else { return .fail(code: 1002) }
            // Lets go of the state's reference first: the message is so appended to in place.
            state = .idle
            return goOn(frame, opcode, message, isCompressed: isCompressed)
        case .ping: return .pong(frame.payload)
        case .pong: return .nothing
        case .close: return closeReceived(frame.payload)
        }
    }

    private mutating func begin(_ frame: ReceivedFrame, _ opcode: ReceivedFrame.Opcode) -> Action {
        let payload = frame.payload
        guard payload.readableBytes <= maxPayload else { return .fail(code: 1009) }
        if frame.isFinal {
            if frame.isCompressed { return inflate(opcode, payload) }
            return finish(opcode, payload)
        }
        if opcode == .text, !frame.isCompressed {
            validator = UTF8Validator()
            guard validator.consume(payload) else { return .fail(code: 1007) }
        }
        state = .assembling(opcode, payload, isCompressed: frame.isCompressed)
        return .nothing
    }

    private mutating func goOn(
        _ frame: ReceivedFrame,
        _ opcode: ReceivedFrame.Opcode,
        _ message: consuming ByteBuffer,
        isCompressed: Bool
    ) -> Action {
        var payload = frame.payload
        guard message.readableBytes + payload.readableBytes <= maxPayload else { return .fail(code: 1009) }
        let isPlainText = opcode == .text && !isCompressed
        guard !isPlainText || validator.consume(payload) else { return .fail(code: 1007) }
        message.writeBuffer(&payload)
        guard frame.isFinal else {
            state = .assembling(opcode, message, isCompressed: isCompressed)
            return .nothing
        }
        if isCompressed { return inflate(opcode, message) }
        guard isPlainText else { return .binary(message) }
        return validator.isComplete ? .text(message) : .fail(code: 1007)
    }

    private func inflate(_ opcode: ReceivedFrame.Opcode, _ payload: ByteBuffer) -> Action {
        guard let inflater else { return .fail(code: 1002) }
        do {
            return finish(opcode, try inflater.message(payload, limit: maxPayload))
        } catch {
            return .fail(code: error == .tooLarge ? 1009 : 1007)
        }
    }

    private func finish(_ opcode: ReceivedFrame.Opcode, _ message: ByteBuffer) -> Action {
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
