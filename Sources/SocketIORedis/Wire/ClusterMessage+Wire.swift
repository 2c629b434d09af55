import JSONScan
import MessagePack
import NIOCore
import SocketIOCore

/// The forms of a cluster message that go over Redis: JSON, and MessagePack where there are binary values or where a format has nothing else.
extension ClusterMessage {
    /// Reads a message in either form; `nil` where it is none.
    init?(wire payload: ByteBuffer) {
        guard let first = payload.readableBytesView.first, !(0x90...0x9F).contains(first), let text = WirePayload(payload) else {
            return nil
        }
        self.init(text) { WirePayload(payload, binary: .buffers) }
    }

    /// - Parameter plain: The same with binary values in the text: only events and acks have place for others.
    init?(_ text: WirePayload, plain: () -> WirePayload?) {
        guard var message = try? ClusterMessage(json: ByteBuffer(bytes: text.json)) else { return nil }
        if !text.attachments.isEmpty {
            switch message.body {
            case .broadcast(var event, let options, let requestID):
                event.attachments = text.attachments
                message.body = .broadcast(event, options, requestID: requestID)
            case .broadcastAck(let requestID, let answer, _):
                message.body = .broadcastAck(requestID: requestID, answer: answer, attachments: text.attachments)
            default:
                guard let plain = plain(), let again = try? ClusterMessage(json: ByteBuffer(bytes: plain.json)) else { return nil }
                message = again
            }
        }
        self = message
    }

    /// Makes a message of members that were read from another form.
    init?(sender: String, namespace: String, type: Int, data: [(name: String, json: ArraySlice<UInt8>)], attachments: [ByteBuffer] = []) {
        var json = Array("{\"uid\":\(JSONString.literal(sender)),\"nsp\":\(JSONString.literal(namespace)),\"type\":\(type),\"data\":{".utf8)
        for (index, member) in data.enumerated() {
            json += Array("\(index > 0 ? "," : "")\"\(member.name)\":".utf8)
            json += member.json
        }
        json += Array("}}".utf8)
        self.init(WirePayload(json: json, attachments: attachments)) { nil }
    }

    /// The message as JSON; binary values are left out.
    var json: ByteBuffer {
        var buffer = ByteBuffer()
        // Only binary values are refused, and they are gone.
        try? withoutAttachments.writeJSON(into: &buffer)
        return buffer
    }

    /// JSON, or MessagePack where there are binary values.
    var wire: ByteBuffer { hasBinary ? messagePack : json }

    private var withoutAttachments: ClusterMessage {
        var message = self
        switch body {
        case .broadcast(var event, let options, let requestID):
            event.attachments = []
            message.body = .broadcast(event, options, requestID: requestID)
        case .broadcastAck(let requestID, let answer, _): message.body = .broadcastAck(requestID: requestID, answer: answer)
        default: break
        }
        return message
    }

    /// The message as a map of MessagePack.
    var messagePack: ByteBuffer {
        var writer = MessagePackWriter()
        let members = self.members
        let data = members?.raw("data")
        writer.writeMapHeader(count: data == nil ? 3 : 4)
        writer.write("uid")
        writer.write(sender)
        writer.write("nsp")
        writer.write(namespace)
        writer.write("type")
        writer.write(members?.integer("type") ?? 0)
        if let data {
            writer.write("data")
            writeData(data, into: &writer)
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    /// `type` and `data` as the fields of a stream's entry hold them; binary values have the data in MessagePack.
    var parts: (type: Int64, data: [UInt8]?, isMessagePack: Bool) {
        let members = self.members
        let type = members?.integer("type") ?? 0
        guard let data = members?.raw("data") else { return (type, nil, false) }
        guard hasBinary else { return (type, Array(data), false) }
        var writer = MessagePackWriter()
        writeData(data, into: &writer)
        return (type, writer.bytes, true)
    }

    private var members: JSONObject? { try? JSONObject(Array(json.readableBytesView)) }

    private func writeData(_ data: ArraySlice<UInt8>, into writer: inout MessagePackWriter) {
        if case .broadcastAck(let requestID, let answer, let attachments) = body, !attachments.isEmpty {
            writer.writeMapHeader(count: 2)
            writer.write("requestId")
            writer.write(requestID)
            writer.write("packet")
            return writer.writeRaw(SocketPacket.messagePack(value: answer, attachments: attachments).readableBytesView)
        }
        guard case .broadcast(let event, _, _) = body, !event.attachments.isEmpty, let members = try? JSONObject(Array(data)) else {
            return writer.write(json: data)
        }
        let requestID = members.string("requestId")
        writer.writeMapHeader(count: requestID == nil ? 2 : 3)
        writer.write("opts")
        writer.write(json: members.raw("opts") ?? [])
        writer.write("packet")
        writer.write(event, namespace)
        if let requestID {
            writer.write("requestId")
            writer.write(requestID)
        }
    }
}

extension MessagePackWriter {
    /// Appends JSON that was checked when it was made; nil where it is none all the same.
    mutating func write(json: ArraySlice<UInt8>) {
        let bytes = Array(json)
        do { try write(json: bytes.span, numbers: .nearest) } catch { writeNil() }
    }

    /// Appends the packet of an event, with its binary values.
    mutating func write(_ event: ClusterEvent, _ namespace: String) {
        var packet = SocketPacket(kind: .event, namespace: namespace)
        packet.json = event.array
        writeRaw(packet.messagePack(attachments: event.attachments).readableBytesView)
    }
}
