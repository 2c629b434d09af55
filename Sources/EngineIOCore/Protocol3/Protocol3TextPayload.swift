public import NIOCore

/// The body of a polling request or answer in protocol 3, as text: `<length>:<packet>` after one another, binary messages as
/// `b4<base64>` (engine.io-protocol, `v3.md`, "Payload"). Lengths are UTF-16 code units, as in the reference implementation.
public enum Protocol3TextPayload {
    /// Splits a request body into its packets. Payloads are slices of `body`, not copies. A packet of length 0 is none, as in the reference
    /// implementation, whose empty payload is `0:`.
    ///
    /// - Throws: ``EnginePacketError`` where a length or one of the packets is malformed; none of them is to be handled then.
    public static func decode(_ body: ByteBuffer) throws(EnginePacketError) -> [EnginePacket] {
        guard isValidUTF8(body) else { throw .badUTF8 }
        guard body.readableBytes > 0 else { throw .empty }
        var packets: [EnginePacket] = []
        var rest = body
        var count = 0
        while rest.readableBytes > 0 {
            count += 1
            guard count <= PollingPayload.maximumPackets else { throw .tooManyPackets }
            let units = try Protocol3Length.read(&rest, digitZero: UInt8(ascii: "0"), end: UInt8(ascii: ":"))
            guard let length = UTF16Length.byteCount(ofFirst: units, in: rest), let part = rest.readSlice(length: length) else {
                throw .badHeader
            }
            if length > 0 { packets.append(try EnginePacket(protocol3Text: part)) }
        }
        return packets
    }

    /// Appends a text packet that is already encoded (type byte first).
    public static func append(text: ByteBuffer, to body: inout ByteBuffer) {
        body.writeString("\(UTF16Length.count(text)):")
        body.writeImmutableBuffer(text)
    }

    /// Appends a binary message.
    public static func append(binary: ByteBuffer, to body: inout ByteBuffer) {
        body.writeString("\(2 + (binary.readableBytes + 2) / 3 * 4):")
        append(base64: binary, to: &body)
    }

    /// Appends a binary message without its length: as it stands in a text frame of a WebSocket whose client asked for base64.
    package static func append(base64 binary: ByteBuffer, to body: inout ByteBuffer) {
        body.writeStaticString("b4")
        Base64.encode(binary, into: &body)
    }
}

/// The length that stands before each packet of a payload.
enum Protocol3Length {
    /// More digits than any length within a payload needs.
    private static let maximumDigits = 9

    static func read(_ body: inout ByteBuffer, digitZero: UInt8, end: UInt8) throws(EnginePacketError) -> Int {
        var length = 0
        var digits = 0
        while let byte: UInt8 = body.readInteger() {
            if byte == end, digits > 0 { return length }
            guard byte >= digitZero, byte - digitZero <= 9, digits < maximumDigits else { throw .badHeader }
            length = length * 10 + Int(byte - digitZero)
            digits += 1
        }
        throw .badHeader
    }
}
