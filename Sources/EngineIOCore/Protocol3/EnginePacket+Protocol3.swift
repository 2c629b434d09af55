public import NIOCore

extension EnginePacket {
    /// Reads one packet of protocol 3 from a text: as in protocol 4, and `b`, the type's digit and base64 for a binary message.
    ///
    /// - Throws: ``EnginePacketError`` for an empty text, an unknown type, or bad base64.
    public init(protocol3Text text: ByteBuffer) throws(EnginePacketError) {
        guard text.getInteger(at: text.readerIndex, as: UInt8.self) == UInt8(ascii: "b") else {
            self = try EnginePacket(text: text)
            return
        }
        var base64 = text
        base64.moveReaderIndex(forwardBy: 1)
        guard let type: UInt8 = base64.readInteger() else { throw .empty }
        guard type == UInt8(ascii: "4") else { throw .unknownType(type) }
        guard let bytes = Base64.decode(base64) else { throw .badBase64 }
        self = .binary(bytes)
    }

    /// Reads one packet of protocol 3 from binary data: a byte with the type's number, then the message. Clients send messages so, and
    /// nothing else.
    ///
    /// - Throws: ``EnginePacketError`` for empty data, or where the type is not that of a message.
    public init(protocol3Binary bytes: ByteBuffer) throws(EnginePacketError) {
        var bytes = bytes
        guard let type: UInt8 = bytes.readInteger() else { throw .empty }
        guard type == Protocol3BinaryPayload.messageType else { throw .unknownType(type) }
        self = .binary(bytes)
    }
}
