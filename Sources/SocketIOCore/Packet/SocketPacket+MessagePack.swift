import JSONScan
import MessagePack
public import NIOCore

/// The wire form of `socket.io-msgpack-parser`: a packet is one map `{type, data, nsp, id}` in one binary message.
extension SocketPacket {
    /// The most binary values of one MessagePack packet. The reference sets no bound; two bytes of a message would become fifty of memory.
    public static let maximumBinaryValues = 1_000

    /// Reads a packet. What is binary in it becomes a placeholder in its JSON and an attachment, as in the text form, so that all above
    /// the codec is the same.
    ///
    /// The checks are those of the reference's decoder. Beyond them, nil counts as absent `data` (python-socketio writes it so), and a
    /// namespace must begin with a slash and be without a comma, as one of the text form is. Values that JSON has no equal for become what
    /// `JSON.stringify` would make of them: see `MessagePackJSONForm.javaScript`.
    ///
    /// - Throws: ``SocketPacketError``; the connection is to be closed then.
    public static func decode(messagePack message: ByteBuffer) throws(SocketPacketError) -> (
        packet: SocketPacket, attachments: [ByteBuffer]
    ) {
        // The map is one level more than the JSON text in it.
        let value = try? MessagePackValue(Array(message.readableBytesView), maximumDepth: JSONScanner.maximumDepth + 1)
        guard let value, value.members != nil else { throw .malformedPayload }
        // Above 4 are the binary kinds of the text form, which this form has not.
        guard let type = value["type"]?.integer, let kind = UInt8(exactly: type).flatMap(Kind.init), type <= 4 else { throw .unknownType }
        var packet = SocketPacket(kind: kind)
        (packet.namespace, packet.namespaceQuery) = splitQuery(try namespace(value["nsp"]))
        packet.ackID = try ackID(value["id"])
        var attachments: [ByteBuffer] = []
        if let data = try payload(value["data"], of: kind) {
            packet.json = try json(data, message, &attachments)
        }
        return (packet, attachments)
    }

    private static func namespace(_ value: MessagePackValue?) throws(SocketPacketError) -> String {
        guard let name = value?.string, name.utf8.count <= maximumNamespaceLength, name.utf8.first == UInt8(ascii: "/"),
            !name.utf8.contains(UInt8(ascii: ","))
        else { throw .malformedHeader }
        return name
    }

    private static func ackID(_ value: MessagePackValue?) throws(SocketPacketError) -> UInt64? {
        guard let value, value.extension?.isUndefined != true else { return nil }
        guard let id = value.unsigned, id <= maximumAckID else { throw .malformedHeader }
        return id
    }

    private static func payload(_ data: MessagePackValue?, of kind: Kind) throws(SocketPacketError) -> MessagePackValue? {
        guard let data, !data.isNil else {
            guard kind == .connect || kind == .disconnect else { throw .malformedPayload }
            return nil
        }
        let isValid =
            switch (kind, data.token) {
            case (.connect, .map), (.connectError, .map), (.connectError, .string), (.event, .array), (.ack, .array): true
            default: false
            }
        guard isValid else { throw .malformedPayload }
        return data
    }

    private static func json(
        _ data: MessagePackValue,
        _ message: ByteBuffer,
        _ attachments: inout [ByteBuffer]
    ) throws(SocketPacketError) -> ByteBuffer {
        var text: [UInt8] = []
        text.reserveCapacity(data.range.count + data.range.count / 2)
        var binaries: [ByteBuffer] = []
        do {
            try data.appendJSON(to: &text, form: .javaScript) { range, output throws(MessagePackError) in
                guard binaries.count < maximumBinaryValues,
                    let bytes = message.getSlice(at: message.readerIndex + range.lowerBound, length: range.count)
                else { throw MessagePackError(.tooLong, at: range.lowerBound) }
                output.append(contentsOf: "{\"_placeholder\":true,\"num\":\(binaries.count)}".utf8)
                binaries.append(bytes)
            }
        } catch {
            throw error.kind == .tooLong ? .tooManyAttachments : .malformedPayload
        }
        attachments = binaries
        return ByteBuffer(bytes: text)
    }

    // MARK: Writing

    /// This packet and its attachments as one message.
    ///
    /// Numbers are what JavaScript makes of them, but integers keep 64 bits. A ``json`` that is none becomes nil, which clients refuse as
    /// they would refuse the text.
    public func messagePack(attachments: [ByteBuffer] = []) -> ByteBuffer {
        var writer = MessagePackWriter(capacity: json.readableBytes + namespace.utf8.count + 32)
        writer.writeMapHeader(count: 2 + (json.readableBytes > 0 ? 1 : 0) + (ackID == nil ? 0 : 1))
        writer.write("type")
        switch kind {
        case .binaryEvent: writer.write(UInt64(Kind.event.rawValue))
        case .binaryAck: writer.write(UInt64(Kind.ack.rawValue))
        default: writer.write(UInt64(kind.rawValue))
        }
        if json.readableBytes > 0 {
            writer.write("data")
            Self.write(json, attachments, into: &writer)
        }
        writer.write("nsp")
        writer.write(namespace)
        if let ackID {
            writer.write("id")
            writer.write(ackID)
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    /// A value of JSON text in MessagePack, with the binary values to which it refers.
    public static func messagePack(value json: ByteBuffer, attachments: [ByteBuffer]) -> ByteBuffer {
        var writer = MessagePackWriter(capacity: json.readableBytes)
        write(json, attachments, into: &writer)
        return ByteBuffer(bytes: writer.bytes)
    }

    private static func write(_ json: ByteBuffer, _ attachments: [ByteBuffer], into writer: inout MessagePackWriter) {
        do {
            guard !attachments.isEmpty else { return try writer.write(json: json.readableBytesUInt8Span, numbers: .nearest) }
            var scanner = JSONScanner(json.readableBytesUInt8Span)
            _ = try scanner.value()
            let placeholders = Placeholders(json.readableBytesUInt8Span).numbers
            try writer.write(json: json.readableBytesUInt8Span, numbers: .nearest) { range in
                guard case .some(.some(let number)) = placeholders[range.lowerBound], attachments.indices.contains(number) else {
                    return nil
                }
                return Array(attachments[number].readableBytesView)[...]
            }
        } catch {
            writer.writeNil()
        }
    }

    /// The message for a packet in its text form (the Engine.IO type byte first) and its attachments; `nil` where `text` is none.
    public static func messagePack(text: ByteBuffer, attachments: [ByteBuffer]) -> ByteBuffer? {
        let body = text.getSlice(at: text.readerIndex + 1, length: max(0, text.readableBytes - 1)) ?? ByteBuffer()
        return (try? SocketPacket(text: body, maximumAttachments: .max))?.messagePack(attachments: attachments)
    }
}
