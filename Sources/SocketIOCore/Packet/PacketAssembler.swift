public import NIOCore

/// Puts packets and their binary attachments together: one message in, at most one whole packet out.
///
/// In the text form a packet is complete with its last attachment; in MessagePack each binary message is a packet. Memory is
/// bounded: a packet may have ``SocketPacket/maximumAttachments`` binary messages, and with its text as many bytes as were said.
public struct PacketAssembler: Sendable {
    private let parser: SocketIOParser
    private let readsNamespaceQuery: Bool
    private let maximumBytes: Int
    /// Apart from the rest, because nearly always nothing waits.
    private indirect enum Waiting {
        case packet(SocketPacket, attachments: [ByteBuffer], byteCount: Int)
    }
    private var waiting: Waiting?

    /// Nothing received yet.
    ///
    /// - Parameters:
    ///   - parser: How packets are written.
    ///   - readsNamespaceQuery: As of ``SocketMessage/init(_:attachments:readsNamespaceQuery:)``.
    ///   - maximumBytes: The most bytes of a packet with its attachments; each message has the transport's bound besides.
    public init(parser: SocketIOParser = .json, readsNamespaceQuery: Bool = false, maximumBytes: Int = .max) {
        self.parser = parser
        self.readsNamespaceQuery = readsNamespaceQuery
        self.maximumBytes = maximumBytes
    }

    /// A text message came.
    ///
    /// - Throws: ``SocketPacketError``; the connection is to be closed then.
    public mutating func received(text: ByteBuffer) throws(SocketPacketError) -> SocketMessage? {
        guard parser == .json, case .none = waiting else { throw .unexpectedMessage }
        let packet = try SocketPacket(text: text)
        if packet.attachmentCount > 0 {
            waiting = .packet(packet, attachments: [], byteCount: text.readableBytes)
            return nil
        }
        return try SocketMessage(packet, readsNamespaceQuery: readsNamespaceQuery)
    }

    /// A binary message came.
    ///
    /// - Throws: ``SocketPacketError``; the connection is to be closed then.
    public mutating func received(binary: ByteBuffer) throws(SocketPacketError) -> SocketMessage? {
        if parser == .msgpack {
            let (packet, attachments) = try SocketPacket.decode(messagePack: binary)
            return try SocketMessage(packet, attachments: attachments, readsNamespaceQuery: readsNamespaceQuery)
        }
        guard case .packet(var packet, var attachments, var byteCount)? = waiting.take() else { throw .unexpectedMessage }
        byteCount += binary.readableBytes
        guard byteCount <= maximumBytes else { throw .tooLarge }
        attachments.append(binary)
        guard attachments.count == packet.attachmentCount else {
            waiting = .packet(packet, attachments: attachments, byteCount: byteCount)
            return nil
        }
        packet.attachmentCount = 0
        let message = try SocketMessage(packet, attachments: attachments)
        // A placeholder for an attachment that is not there ends the connection, as in the reference parser.
        guard Placeholders(packet.json.readableBytesUInt8Span).areWithin(attachments.count) else { throw .malformedPayload }
        return message
    }
}
