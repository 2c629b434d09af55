import EngineIOCore
import NIOCore
import Synchronization

/// The encodings of one ``OutboundFrame`` for clients of protocol 3. Each is made when the first client needs it and shared by all others,
/// whichever event loop they live on.
final class Protocol3Forms: Sendable {
    private final class Bytes: Sendable {
        let buffer: ByteBuffer
        init(_ buffer: ByteBuffer) { self.buffer = buffer }
    }

    private let binaryFrames = AtomicLazyReference<OutboundFrame>()
    private let base64Frames = AtomicLazyReference<OutboundFrame>()
    private let textPayload = AtomicLazyReference<Bytes>()
    private let binaryPayload = AtomicLazyReference<Bytes>()

    /// The WebSocket frames of `frame`: binary ones lead with the packet type, or are texts of base64.
    ///
    /// Two loops may both make them; one result is kept.
    func webSocket(_ frame: OutboundFrame, base64: Bool) -> OutboundFrame {
        let form = base64 ? base64Frames.load() : binaryFrames.load()
        if let form { return form }
        var frames = ByteBuffer()
        let text = frame.textPacket
        if text.readableBytes > 0 { OutboundFrame.appendFrame(opcode: 0x81, text, to: &frames) }
        for binary in frame.binaryPayloads {
            var packet = ByteBuffer()
            if base64 {
                Protocol3TextPayload.append(base64: binary, to: &packet)
            } else {
                packet.writeInteger(Protocol3BinaryPayload.messageType)
                packet.writeImmutableBuffer(binary)
            }
            OutboundFrame.appendFrame(opcode: base64 ? 0x81 : 0x82, packet, to: &frames)
        }
        let made = OutboundFrame(webSocket: frames, isCompressible: frame.isCompressible)
        return base64 ? base64Frames.storeIfNil(made) : binaryFrames.storeIfNil(made)
    }

    /// The packets of `frame` as they stand in a text payload, or in a binary one.
    func payload(_ frame: OutboundFrame, isBinary: Bool) -> ByteBuffer {
        let form = isBinary ? binaryPayload.load() : textPayload.load()
        if let form { return form.buffer }
        var payload = ByteBuffer()
        let text = frame.textPacket
        if isBinary {
            if text.readableBytes > 0 { Protocol3BinaryPayload.append(text: text, to: &payload) }
            for binary in frame.binaryPayloads { Protocol3BinaryPayload.append(binary: binary, to: &payload) }
        } else {
            if text.readableBytes > 0 { Protocol3TextPayload.append(text: text, to: &payload) }
            for binary in frame.binaryPayloads { Protocol3TextPayload.append(binary: binary, to: &payload) }
        }
        let made = Bytes(payload)
        return (isBinary ? binaryPayload.storeIfNil(made) : textPayload.storeIfNil(made)).buffer
    }
}
