import EngineIO
import NIOCore
import SocketIOCore

extension OutboundFrame {
    /// This message as clients of `parser` read it. Packets are written as text first; their MessagePack form is made of that once.
    @inline(__always)
    func encoded(for parser: SocketIOParser) -> OutboundFrame {
        parser == .json ? self : messagePack
    }

    private var messagePack: OutboundFrame {
        // What has no text has been encoded already: a socket is handed the frames of a broadcast in their last form.
        guard textPacket.readableBytes > 0 else { return self }
        return reencoded { frame in
            guard let message = SocketPacket.messagePack(text: frame.textPacket, attachments: frame.binaryPayloads) else { return nil }
            let conflation = frame.conflation.map { MessagePackConflation(text: $0) }
            return OutboundFrame(capacity: 0, binaries: [message], conflation: conflation, isCompressible: frame.isCompressible) { _ in }
        }
    }
}

/// A latest value whose frames, the merged ones too, are MessagePack.
private struct MessagePackConflation: ConflatableMessage {
    /// The value as it is for clients of the text form.
    let text: any ConflatableMessage

    var key: ConflationKey { text.key }
    var byteCount: Int { text.byteCount }

    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
        MessagePackConflation(text: text.replacing((earlier as? MessagePackConflation)?.text ?? earlier))
    }

    func makeFrame() -> OutboundFrame { text.makeFrame().encoded(for: .msgpack) }
}
