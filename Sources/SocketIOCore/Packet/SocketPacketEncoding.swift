import JSONScan
public import NIOCore

extension SocketPacket {
    /// Appends the header, and the Engine.IO type byte `4` before it; the JSON follows.
    public static func writeHeader(
        _ kind: Kind,
        namespace: String = "/",
        ackID: UInt64? = nil,
        attachmentCount: Int = 0,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeInteger(UInt8(ascii: "4"))
        buffer.writeInteger(kind.rawValue + UInt8(ascii: "0"))
        if kind == .binaryEvent || kind == .binaryAck {
            buffer.writeString(String(attachmentCount))
            buffer.writeInteger(UInt8(ascii: "-"))
        }
        if namespace != "/" {
            buffer.writeString(namespace)
            buffer.writeInteger(UInt8(ascii: ","))
        }
        if let ackID { buffer.writeString(String(ackID)) }
    }

    /// Appends a whole event: `["name",arguments…]`, where `arguments` is JSON text, values joined by commas, or empty.
    public static func writeEvent(
        _ name: String,
        arguments: ByteBuffer,
        namespace: String = "/",
        ackID: UInt64? = nil,
        attachmentCount: Int = 0,
        into buffer: inout ByteBuffer
    ) {
        writeHeader(
            attachmentCount > 0 ? .binaryEvent : .event,
            namespace: namespace,
            ackID: ackID,
            attachmentCount: attachmentCount,
            into: &buffer
        )
        buffer.writeInteger(UInt8(ascii: "["))
        buffer.writeJSONString(name)
        if arguments.readableBytes > 0 {
            buffer.writeInteger(UInt8(ascii: ","))
            buffer.writeImmutableBuffer(arguments)
        }
        buffer.writeInteger(UInt8(ascii: "]"))
    }

    /// Appends a whole event without attachments whose arguments `arguments` appends as JSON text.
    public static func writeEvent(
        _ name: String,
        namespace: String = "/",
        into buffer: inout ByteBuffer,
        arguments: (inout ByteBuffer) -> Void
    ) {
        writeOpening(name, namespace: namespace, into: &buffer)
        arguments(&buffer)
        buffer.writeInteger(UInt8(ascii: "]"))
    }

    /// Appends an event up to its first argument: `42["name",`.
    private static func writeOpening(_ name: String, namespace: String, into buffer: inout ByteBuffer) {
        // In one piece where nothing is out of the ordinary: with each event that goes out, each piece would cost as much as all of them.
        let isWritten: Bool? =
            namespace != "/"
            ? nil
            : name.utf8.withContiguousStorageIfAvailable { text in
                guard text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else { return false }
                buffer.writeWithOutputRawSpan(minimumWritableBytes: text.count + 6) { output in
                    output.append(UInt8(ascii: "4"))
                    output.append(UInt8(ascii: "2"))
                    output.append(UInt8(ascii: "["))
                    output.append(UInt8(ascii: "\""))
                    for byte in text { output.append(byte) }
                    output.append(UInt8(ascii: "\""))
                    output.append(UInt8(ascii: ","))
                }
                return true
            }
        if isWritten == true { return }
        writeHeader(.event, namespace: namespace, into: &buffer)
        buffer.writeInteger(UInt8(ascii: "["))
        buffer.writeJSONString(name)
        buffer.writeInteger(UInt8(ascii: ","))
    }

    /// Appends a whole ack: `[arguments…]`.
    public static func writeAck(
        _ id: UInt64,
        arguments: ByteBuffer,
        namespace: String = "/",
        attachmentCount: Int = 0,
        into buffer: inout ByteBuffer
    ) {
        writeHeader(
            attachmentCount > 0 ? .binaryAck : .ack,
            namespace: namespace,
            ackID: id,
            attachmentCount: attachmentCount,
            into: &buffer
        )
        buffer.writeInteger(UInt8(ascii: "["))
        buffer.writeImmutableBuffer(arguments)
        buffer.writeInteger(UInt8(ascii: "]"))
    }

    /// The text of this packet, with the Engine.IO type byte.
    public func write(into buffer: inout ByteBuffer) {
        Self.writeHeader(kind, namespace: namespace, ackID: ackID, attachmentCount: attachmentCount, into: &buffer)
        buffer.writeImmutableBuffer(json)
    }
}

extension ByteBuffer {
    /// Appends `text` as a JSON string literal. Names of events, which come with every event, need no escapes.
    mutating func writeJSONString(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard isPlain else {
            writeString(JSONString.literal(text))
            return
        }
        writeInteger(UInt8(ascii: "\""))
        writeString(text)
        writeInteger(UInt8(ascii: "\""))
    }
}
