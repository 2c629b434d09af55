import EngineIOCore
import NIOCore

/// How the packets for one session are written: by the revision of its protocol, and by what its client can take.
enum PacketEncoding: Hashable, Sendable {
    case protocol4
    /// Binary messages as base64, by WebSocket too: the client said `b64=1`.
    case protocol4Base64
    /// Binary messages as they are.
    case protocol3
    /// Binary messages as base64: the client said `b64=1`.
    case protocol3Base64
    /// Payloads as scripts for the callback of this index, binary messages as base64.
    case protocol3JSONP(index: UInt32)

    /// What the query of the request that opened a session, or its WebSocket, asks for.
    init(_ revision: EngineRevision, transport: TransportKind, query: EngineQuery) {
        switch revision {
        case .four: self = (query["b64"] ?? "").isEmpty ? .protocol4 : .protocol4Base64
        case .three:
            if transport == .polling, let index = query["j"] {
                self = .protocol3JSONP(index: JSONP.index(index))
            } else {
                self = (query["b64"] ?? "").isEmpty ? .protocol3 : .protocol3Base64
            }
        }
    }

    /// What a WebSocket gets in place of `frame`, whose bytes are those of protocol 4. Most frames are the same in all.
    func webSocketForm(of frame: OutboundFrame) -> OutboundFrame {
        guard frame.hasBinaries else { return frame }
        return switch self {
        case .protocol4: frame
        case .protocol4Base64: Self.base64(frame)
        case .protocol3: frame.protocol3.webSocket(frame, base64: false)
        case .protocol3Base64, .protocol3JSONP: frame.protocol3.webSocket(frame, base64: true)
        }
    }

    private static func base64(_ frame: OutboundFrame) -> OutboundFrame {
        var frames = ByteBuffer()
        let text = frame.textPacket
        if text.readableBytes > 0 { OutboundFrame.appendFrame(opcode: 0x81, text, to: &frames) }
        for binary in frame.binaryPayloads {
            var packet = ByteBuffer()
            PollingPayload.append(binary: binary, to: &packet)
            OutboundFrame.appendFrame(opcode: 0x81, packet, to: &frames)
        }
        return OutboundFrame(webSocket: frames, isCompressible: frame.isCompressible)
    }

    /// The body of a poll's answer, and its type.
    func payload(_ frames: [OutboundFrame]) -> (contentType: String, body: ByteBuffer) {
        switch self {
        case .protocol4, .protocol4Base64:
            var body = ByteBuffer()
            for frame in frames {
                let text = frame.textPacket
                if text.readableBytes > 0 { PollingPayload.append(text: text, to: &body) }
                for binary in frame.binaryPayloads { PollingPayload.append(binary: binary, to: &body) }
            }
            return (Self.plainText, body)
        case .protocol3:
            let isBinary = frames.contains { $0.hasBinaries }
            return (isBinary ? "application/octet-stream" : Self.plainText, Self.protocol3(frames, isBinary: isBinary))
        case .protocol3Base64:
            return (Self.plainText, Self.protocol3(frames, isBinary: false))
        case .protocol3JSONP(let index):
            return ("text/javascript; charset=UTF-8", JSONP.script(index: index, payload: Self.protocol3(frames, isBinary: false)))
        }
    }

    private static let plainText = "text/plain; charset=UTF-8"

    private static func protocol3(_ frames: [OutboundFrame], isBinary: Bool) -> ByteBuffer {
        var body = ByteBuffer()
        for frame in frames { body.writeImmutableBuffer(frame.protocol3.payload(frame, isBinary: isBinary)) }
        return body
    }

    /// The packets of a POST's body.
    ///
    /// - Throws: ``EnginePacketError``.
    func packets(_ body: ByteBuffer, isBinary: Bool) throws(EnginePacketError) -> [EnginePacket] {
        switch self {
        case .protocol4, .protocol4Base64: return try PollingPayload.decode(body)
        case .protocol3 where isBinary, .protocol3Base64 where isBinary: return try Protocol3BinaryPayload.decode(body)
        case .protocol3, .protocol3Base64: return try Protocol3TextPayload.decode(body)
        case .protocol3JSONP:
            guard let payload = JSONP.payload(ofForm: body) else { throw .empty }
            return try Protocol3TextPayload.decode(payload)
        }
    }
}
