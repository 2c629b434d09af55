public import NIOCore

/// Puts packets and their binary attachments together: one message in, at most one whole packet out.
///
/// Memory is bounded by ``SocketPacket/maximumAttachments`` messages, each bounded by the transport.
public struct PacketAssembler: Sendable {
    private let readsNamespaceQuery: Bool
    private var waiting: (packet: SocketPacket, attachments: [ByteBuffer])?

    /// Nothing received yet.
    ///
    /// - Parameter readsNamespaceQuery: As of ``SocketMessage/init(_:attachments:readsNamespaceQuery:)``.
    public init(readsNamespaceQuery: Bool = false) {
        self.readsNamespaceQuery = readsNamespaceQuery
    }

    /// A text message came.
    ///
    /// - Throws: ``SocketPacketError``; the connection is to be closed then.
    public mutating func received(text: ByteBuffer) throws(SocketPacketError) -> SocketMessage? {
        guard waiting == nil else { throw .unexpectedMessage }
        let packet = try SocketPacket(text: text)
        if packet.attachmentCount > 0 {
            waiting = (packet, [])
            return nil
        }
        return try SocketMessage(packet, readsNamespaceQuery: readsNamespaceQuery)
    }

    /// A binary message came.
    ///
    /// - Throws: ``SocketPacketError``; the connection is to be closed then.
    public mutating func received(binary: ByteBuffer) throws(SocketPacketError) -> SocketMessage? {
        guard var (packet, attachments) = waiting else { throw .unexpectedMessage }
        attachments.append(binary)
        guard attachments.count == packet.attachmentCount else {
            waiting = (packet, attachments)
            return nil
        }
        waiting = nil
        packet.attachmentCount = 0
        return try SocketMessage(packet, attachments: attachments)
    }
}
