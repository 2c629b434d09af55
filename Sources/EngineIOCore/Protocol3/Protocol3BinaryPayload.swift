public import NIOCore

/// The body of a polling request or answer in protocol 3, as bytes: for each packet 0 (text) or 1 (binary), the decimal digits of its
/// length in bytes, one number from 0 to 9 each, 255, and the packet (engine.io-protocol, `v3.md`, "Payload").
public enum Protocol3BinaryPayload {
    /// The first byte of a binary message, here and in a binary WebSocket frame.
    package static let messageType: UInt8 = 4

    private static let text: UInt8 = 0
    private static let binary: UInt8 = 1
    private static let endOfLength: UInt8 = 255

    /// Splits a request body into its packets. Payloads are slices of `body`, not copies.
    ///
    /// - Throws: ``EnginePacketError`` where a header or one of the packets is malformed; none of them is to be handled then.
    public static func decode(_ body: ByteBuffer) throws(EnginePacketError) -> [EnginePacket] {
        guard body.readableBytes > 0 else { throw .empty }
        var packets: [EnginePacket] = []
        var rest = body
        while let kind: UInt8 = rest.readInteger() {
            guard packets.count < PollingPayload.maximumPackets else { throw .tooManyPackets }
            guard kind == text || kind == binary else { throw .badHeader }
            let length = try Protocol3Length.read(&rest, digitZero: 0, end: endOfLength)
            guard let part = rest.readSlice(length: length) else { throw .badHeader }
            if kind == binary {
                packets.append(try EnginePacket(protocol3Binary: part))
            } else {
                guard isValidUTF8(part) else { throw .badUTF8 }
                packets.append(try EnginePacket(protocol3Text: part))
            }
        }
        return packets
    }

    /// Appends a text packet that is already encoded (type byte first).
    public static func append(text packet: ByteBuffer, to body: inout ByteBuffer) {
        appendHeader(text, length: packet.readableBytes, to: &body)
        body.writeImmutableBuffer(packet)
    }

    /// Appends a binary message.
    public static func append(binary message: ByteBuffer, to body: inout ByteBuffer) {
        appendHeader(binary, length: message.readableBytes + 1, to: &body)
        body.writeInteger(messageType)
        body.writeImmutableBuffer(message)
    }

    private static func appendHeader(_ kind: UInt8, length: Int, to body: inout ByteBuffer) {
        body.writeInteger(kind)
        for digit in String(length).utf8 { body.writeInteger(digit - UInt8(ascii: "0")) }
        body.writeInteger(endOfLength)
    }
}
