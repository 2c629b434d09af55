import EngineIOCore
import NIOCore

/// Makes whole messages of WebSocket frames and keeps the rules of RFC 6455 that ``FrameReader`` does not.
///
/// A value without I/O: one frame in, one action out. Memory is bounded by `maxPayload`. Eight bytes, because every connection has one.
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
        case assembling(Fragments)
        case ended
    }

    /// A message of which more is to come: apart, because most messages come whole. One value holds it, which nobody copies.
    private final class Fragments {
        let opcode: ReceivedFrame.Opcode
        let isCompressed: Bool
        var message: ByteBuffer
        /// Bad UTF-8 is refused in the fragment that it is in, not at the message's end.
        var validator = UTF8Validator()

        init(_ opcode: ReceivedFrame.Opcode, isCompressed: Bool, _ message: ByteBuffer) {
            self.opcode = opcode
            self.isCompressed = isCompressed
            self.message = message
        }
    }

    /// What is the same for all connections of a kind, and so is brought in.
    private struct Rules {
        let maxPayload: Int
        let inflater: Inflater?
    }

    private var state = State.idle

    /// A frame came.
    ///
    /// - Parameters:
    ///   - frame: Any but one that ``FrameReader`` refuses.
    ///   - maxPayload: The most bytes of a message.
    ///   - inflater: Reads compressed messages; `nil` where compression has not been agreed on.
    mutating func received(_ frame: ReceivedFrame, maxPayload: Int, inflater: Inflater? = nil) -> Action {
        if case .ended = state { return .nothing }
        let action = handle(frame, Rules(maxPayload: maxPayload, inflater: inflater))
        switch action {
        case .fail, .peerClosed: state = .ended
        default: break
        }
        return action
    }

    private mutating func handle(_ frame: ReceivedFrame, _ rules: Rules) -> Action {
        guard !frame.hasUnknownBits, frame.isMasked, let opcode = frame.opcode else { return .fail(code: 1002) }
        // RSV1 marks the first frame of a compressed message, and nothing else (RFC 7692, section 6).
        guard !frame.isCompressed || (rules.inflater != nil && (opcode == .text || opcode == .binary)) else { return .fail(code: 1002) }
        switch opcode {
        case .text, .binary:
            guard case .idle = state else { return .fail(code: 1002) }
            return begin(frame, opcode, rules)
        case .continuation:
            guard case .assembling(let fragments) = state else { return .fail(code: 1002) }
            return goOn(frame, fragments, rules)
        case .ping: return .pong(frame.payload)
        case .pong: return .nothing
        case .close: return closeReceived(frame.payload)
        }
    }

    private mutating func begin(_ frame: ReceivedFrame, _ opcode: ReceivedFrame.Opcode, _ rules: Rules) -> Action {
        let payload = frame.payload
        guard payload.readableBytes <= rules.maxPayload else { return .fail(code: 1009) }
        if frame.isFinal {
            if frame.isCompressed { return inflate(opcode, payload, rules) }
            return finish(opcode, payload)
        }
        let fragments = Fragments(opcode, isCompressed: frame.isCompressed, payload)
        if opcode == .text, !frame.isCompressed {
            guard fragments.validator.consume(payload) else { return .fail(code: 1007) }
        }
        state = .assembling(fragments)
        return .nothing
    }

    private mutating func goOn(_ frame: ReceivedFrame, _ fragments: Fragments, _ rules: Rules) -> Action {
        var payload = frame.payload
        guard fragments.message.readableBytes + payload.readableBytes <= rules.maxPayload else { return .fail(code: 1009) }
        let isPlainText = fragments.opcode == .text && !fragments.isCompressed
        guard !isPlainText || fragments.validator.consume(payload) else { return .fail(code: 1007) }
        fragments.message.writeBuffer(&payload)
        guard frame.isFinal else { return .nothing }
        state = .idle
        if fragments.isCompressed { return inflate(fragments.opcode, fragments.message, rules) }
        guard isPlainText else { return .binary(fragments.message) }
        return fragments.validator.isComplete ? .text(fragments.message) : .fail(code: 1007)
    }

    private func inflate(_ opcode: ReceivedFrame.Opcode, _ payload: ByteBuffer, _ rules: Rules) -> Action {
        guard let inflater = rules.inflater else { return .fail(code: 1002) }
        do {
            return finish(opcode, try inflater.message(payload, limit: rules.maxPayload))
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
