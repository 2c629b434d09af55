public import NIOCore

/// The body of a polling request or answer: packets joined by the record separator U+001E, binary ones as `b<base64>`
/// (<https://socket.io/docs/v4/engine-io-protocol>, "HTTP long-polling").
public enum PollingPayload {
    /// The most packets that one body may hold: a body of a megabyte could otherwise become half a million of them.
    public static let maximumPackets = 16_384

    static let separator: UInt8 = 0x1E

    /// Splits a request body into its packets. Payloads are slices of `body`, not copies.
    ///
    /// - Throws: ``EnginePacketError`` where one of the packets is malformed; none of them is to be handled then.
    public static func decode(_ body: ByteBuffer) throws(EnginePacketError) -> [EnginePacket] {
        guard isValidUTF8(body) else { throw .badUTF8 }
        var packets: [EnginePacket] = []
        var rest = body
        while true {
            let length = rest.readableBytesView.firstIndex(of: separator).map { $0 - rest.readerIndex } ?? rest.readableBytes
            guard let part = rest.readSlice(length: length) else { throw .empty }
            guard packets.count < maximumPackets else { throw .tooManyPackets }
            packets.append(try EnginePacket(encoded: part))
            guard rest.readableBytes > 0 else { break }
            rest.moveReaderIndex(forwardBy: 1)
        }
        return packets
    }

    /// Appends a text packet that is already encoded (type byte first).
    public static func append(text: ByteBuffer, to body: inout ByteBuffer) {
        separate(&body)
        body.writeImmutableBuffer(text)
    }

    /// Appends a binary message.
    public static func append(binary: ByteBuffer, to body: inout ByteBuffer) {
        separate(&body)
        body.writeInteger(UInt8(ascii: "b"))
        Base64.encode(binary, into: &body)
    }

    private static func separate(_ body: inout ByteBuffer) {
        if body.readableBytes > 0 { body.writeInteger(separator) }
    }
}

/// Whether the readable bytes are well-formed UTF-8 (RFC 3629).
public func isValidUTF8(_ buffer: ByteBuffer) -> Bool {
    var validator = UTF8Validator()
    return validator.consume(buffer) && validator.isComplete
}
