public import NIOCore

/// One packet of Engine.IO protocol 4 (<https://socket.io/docs/v4/engine-io-protocol>, "Packet encoding").
public enum EnginePacket: Hashable, Sendable {
    /// `0`, server to client: the session's parameters.
    case open(ByteBuffer)
    /// `1`: the sender is about to close.
    case close
    /// `2`: heartbeat by the server, or the client's probe of a new transport.
    case ping(ByteBuffer)
    /// `3`: answer to a ping, with the same payload.
    case pong(ByteBuffer)
    /// `4`: a text payload of the layer above.
    case text(ByteBuffer)
    /// A binary payload of the layer above: a binary WebSocket frame, or `b<base64>` while polling.
    case binary(ByteBuffer)
    /// `5`: the client moves to the probed transport.
    case upgrade
    /// `6`: releases a pending poll during an upgrade.
    case noop

    /// Reads one packet from a text frame, or from one part of a polling payload without its separators.
    ///
    /// - Throws: ``EnginePacketError`` for an empty text or an unknown type.
    public init(text: ByteBuffer) throws(EnginePacketError) {
        var text = text
        guard let type: UInt8 = text.readInteger() else { throw .empty }
        switch type {
        case UInt8(ascii: "0"): self = .open(text)
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(text)
        case UInt8(ascii: "3"): self = .pong(text)
        case UInt8(ascii: "4"): self = .text(text)
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default: throw .unknownType(type)
        }
    }

    /// Reads a packet as text of a payload or of a WebSocket: behind `b` stands a binary message in base64, from a client that has no other way
    /// to send one, or was told to use none (`forceBase64`).
    ///
    /// - Throws: ``EnginePacketError``.
    public init(encoded text: ByteBuffer) throws(EnginePacketError) {
        guard text.getInteger(at: text.readerIndex, as: UInt8.self) == UInt8(ascii: "b") else {
            self = try EnginePacket(text: text)
            return
        }
        var base64 = text
        base64.moveReaderIndex(forwardBy: 1)
        guard let bytes = Base64.decode(base64) else { throw .badBase64 }
        self = .binary(bytes)
    }
}

/// Why bytes are not an Engine.IO packet. The connection that sent them is closed with ``CloseReason/parseError``.
public enum EnginePacketError: Error, Hashable, Sendable {
    /// Nothing between two separators, or an empty text frame.
    case empty
    /// The first byte names no packet type.
    case unknownType(UInt8)
    /// `b` is not followed by base64 (RFC 4648, section 4).
    case badBase64
    /// More packets than ``PollingPayload/maximumPackets`` in one payload.
    case tooManyPackets
    /// The text is not UTF-8.
    case badUTF8
    /// What stands before a packet of protocol 3, its kind and length, is malformed, or not true of what follows.
    case badHeader
}
