import JSONScan
import MessagePack
import NIOCore
import SocketIOCore

/// The messages of the classic adapter (`createAdapter`) and of `@socket.io/redis-emitter`, which are older than cluster messages and look
/// otherwise.
///
/// Source: https://github.com/socketio/socket.io-redis-adapter/blob/main/lib/index.ts
struct ClassicCodec {
    /// How a request's answer has to look.
    enum ReplyForm: Hashable {
        /// The sockets described.
        case descriptions
        /// Their ids only.
        case ids
        /// The names of all rooms.
        case rooms
        /// That it was done, by whoever has the socket: what the older forms of orders wait for.
        case done(Order)
    }

    /// An order about one socket, in its older form.
    enum Order: Hashable {
        case join(String)
        case leave(String)
        case disconnect(close: Bool)
    }

    /// A request: what it means, and in which form its answer has to be.
    struct Request {
        let message: ClusterMessage
        let requestID: String?
        let form: ReplyForm
    }

    let namespace: String

    // MARK: Broadcasts: [uid, packet, {rooms, except, flags}]

    func broadcast(_ payload: ByteBuffer) -> ClusterMessage? {
        guard let text = WirePayload(payload), let parts = text.elements, parts.count >= 3,
            let packet = try? JSONObject(Array(parts[1])), packet.string("nsp") ?? "/" == namespace
        else { return nil }
        let sender = Self.string(parts[0]) ?? ""
        return ClusterMessage(
            sender: sender,
            namespace: namespace,
            type: 3,
            data: [("opts", parts[2]), ("packet", parts[1])],
            attachments: text.attachments
        )
    }

    func broadcast(_ event: ClusterEvent, _ options: ClusterOptions, sender: String) -> ByteBuffer {
        var writer = MessagePackWriter()
        writer.writeArrayHeader(count: 3)
        writer.write(sender)
        writer.write(event, namespace)
        writer.write(json: Self.options(options))
        return ByteBuffer(bytes: writer.bytes)
    }

    // MARK: Requests

    func request(_ payload: ByteBuffer) -> Request? {
        guard let text = WirePayload(payload), let request = try? JSONObject(text.json), let type = request.integer("type") else {
            return nil
        }
        // The emitter's orders say no sender.
        let sender = request.string("uid") ?? ClusterMessage.emitter
        let requestID = request.string("requestId")
        func message(_ type: Int, _ data: [(String, ArraySlice<UInt8>?)], _ form: ReplyForm = .descriptions) -> Request? {
            let data = data.compactMap { name, json in json.map { (name: name, json: $0) } }
            return ClusterMessage(sender: sender, namespace: namespace, type: type, data: data, attachments: text.attachments)
                .map { Request(message: $0, requestID: requestID, form: form) }
        }
        func sockets(_ rooms: [String], _ form: ReplyForm) -> Request? {
            guard let requestID else { return nil }
            let body = ClusterMessage.Body.fetchSockets(ClusterOptions(rooms: rooms), requestID: requestID)
            return Request(message: ClusterMessage(sender: sender, namespace: namespace, body: body), requestID: requestID, form: form)
        }
        let (options, rooms) = (request.raw("opts"), request.raw("rooms"))
        switch type {
        case 0:
            // What cannot be read is not everyone.
            if rooms == nil || request["rooms"]?.kind == .null { return sockets([], .ids) }
            return request.roomNames("rooms").flatMap { sockets($0, .ids) }
        case 1: return sockets([], .rooms)
        case 2, 3:
            if options != nil { return message(type == 2 ? 4 : 5, [("opts", options), ("rooms", rooms)]) }
            guard let id = request.string("sid"), let room = request.roomName("room") else { return nil }
            return sockets([id], .done(type == 2 ? .join(room) : .leave(room)))
        case 4:
            if options != nil { return message(6, [("opts", options), ("close", request.raw("close"))]) }
            guard let id = request.string("sid") else { return nil }
            return sockets([id], .done(.disconnect(close: request.bool("close") ?? false)))
        case 5: return message(7, [("opts", options), ("requestId", request.raw("requestId"))])
        case 6: return message(9, [("packet", request.raw("data")), ("requestId", request.raw("requestId"))])
        case 7: return message(3, [("opts", options), ("packet", request.raw("packet")), ("requestId", request.raw("requestId"))])
        default: return nil
        }
    }

    /// A request of this server; `nil` for what has no form here.
    func request(_ message: ClusterMessage) -> ByteBuffer? {
        let sender = "\"uid\":\(JSONString.literal(message.sender))"
        func text(_ type: Int, _ members: String...) -> ByteBuffer {
            ByteBuffer(string: "{\(([sender, "\"type\":\(type)"] + members).joined(separator: ","))}")
        }
        func options(_ options: ClusterOptions) -> String {
            "\"opts\":{\"rooms\":\(Self.list(options.rooms)),\"except\":\(Self.list(options.except))}"
        }
        func id(_ requestID: String) -> String { "\"requestId\":\(JSONString.literal(requestID))" }
        switch message.body {
        case .socketsJoin(let chosen, let rooms): return text(2, options(chosen), "\"rooms\":\(Self.list(rooms))")
        case .socketsLeave(let chosen, let rooms): return text(3, options(chosen), "\"rooms\":\(Self.list(rooms))")
        case .disconnectSockets(let chosen, let close): return text(4, options(chosen), "\"close\":\(close)")
        case .fetchSockets(let chosen, let requestID): return text(5, id(requestID), options(chosen))
        case .serverSideEmit(let array, nil): return text(6, "\"data\":\(String(buffer: array))")
        case .serverSideEmit(let array, let requestID?): return text(6, id(requestID), "\"data\":\(String(buffer: array))")
        case .broadcast(let event, let chosen, let requestID?):
            var writer = MessagePackWriter()
            writer.writeMapHeader(count: 5)
            writer.write("uid")
            writer.write(message.sender)
            writer.write("requestId")
            writer.write(requestID)
            writer.write("type")
            writer.write(7)
            writer.write("packet")
            writer.write(event, namespace)
            writer.write("opts")
            writer.write(json: Self.options(chosen))
            return ByteBuffer(bytes: writer.bytes)
        default: return nil
        }
    }

    // MARK: Answers

    /// An answer of another server, which does not say who it is.
    func response(_ payload: ByteBuffer) -> ClusterMessage? {
        guard var text = WirePayload(payload), var answer = try? JSONObject(text.json), let id = answer.raw("requestId") else { return nil }
        if !text.attachments.isEmpty, answer.integer("type") != 9 {
            // Only acks have place for binary values.
            guard let plain = WirePayload(payload, binary: .buffers), let again = try? JSONObject(plain.json) else { return nil }
            (text, answer) = (plain, again)
        }
        let type: Int
        var data: [(name: String, json: ArraySlice<UInt8>)] = [("requestId", id)]
        if let sockets = answer.raw("sockets") {
            (type, data) = (8, data + [("sockets", sockets)])
        } else {
            switch answer.integer("type") {
            case 6: (type, data) = (10, data + [("packet", answer.raw("data") ?? Array("null".utf8)[...])])
            case 8: (type, data) = (11, data + [("clientCount", answer.raw("clientCount") ?? [])])
            case 9: (type, data) = (12, data + [("packet", answer.raw("packet") ?? Array("null".utf8)[...])])
            default: return nil
            }
        }
        return ClusterMessage(sender: "", namespace: namespace, type: type, data: data, attachments: text.attachments)
    }

    /// An answer of this server; `nil` for what has no form here.
    func response(_ body: ClusterMessage.Body, _ form: ReplyForm) -> ByteBuffer? {
        func text(_ requestID: String, _ members: String...) -> ByteBuffer {
            ByteBuffer(string: "{\((["\"requestId\":\(JSONString.literal(requestID))"] + members).joined(separator: ","))}")
        }
        switch body {
        case .fetchSocketsResponse(let requestID, let sockets):
            switch form {
            case .done: return sockets.isEmpty ? nil : text(requestID)
            case .ids: return text(requestID, "\"sockets\":\(Self.list(sockets.map(\.id)))")
            case .rooms:
                let rooms = Set(sockets.flatMap { $0.rooms + [$0.id] })
                return text(requestID, "\"rooms\":\(Self.list(rooms.sorted()))")
            case .descriptions:
                let described = ClusterMessage(sender: "", namespace: namespace, body: body)
                guard let members = try? JSONObject(Array(described.json.readableBytesView)), let data = members.raw("data"),
                    let sockets = (try? JSONObject(Array(data)))?.raw("sockets")
                else { return nil }
                return text(requestID, "\"sockets\":\(String(decoding: sockets, as: UTF8.self))")
            }
        case .serverSideEmitResponse(let requestID, let answer):
            return text(requestID, "\"type\":6", "\"data\":\(String(buffer: answer))")
        case .broadcastClientCount(let requestID, let count): return text(requestID, "\"type\":8", "\"clientCount\":\(count)")
        case .broadcastAck(let requestID, let answer, let attachments):
            var writer = MessagePackWriter()
            writer.writeMapHeader(count: 3)
            writer.write("type")
            writer.write(9)
            writer.write("requestId")
            writer.write(requestID)
            writer.write("packet")
            writer.writeRaw(SocketPacket.messagePack(value: answer, attachments: attachments).readableBytesView)
            return ByteBuffer(bytes: writer.bytes)
        default: return nil
        }
    }

    // MARK: Parts

    private static func list(_ strings: [String]) -> String { "[\(strings.map { JSONString.literal($0) }.joined(separator: ","))]" }

    private static func string(_ json: ArraySlice<UInt8>) -> String? {
        guard json.first == UInt8(ascii: "\"") else { return nil }
        let bytes = Array(json)
        return JSONString.decode(bytes.span, 0..<bytes.count)
    }

    /// The options as cluster messages have them, flags and all.
    private static func options(_ options: ClusterOptions) -> ArraySlice<UInt8> {
        let event = ClusterEvent(array: ByteBuffer(string: "[\"\"]"))
        let message = ClusterMessage(sender: "", namespace: "/", body: .broadcast(event, options, requestID: nil))
        guard let members = try? JSONObject(Array(message.json.readableBytesView)), let data = members.raw("data"),
            let options = (try? JSONObject(Array(data)))?.raw("opts")
        else { return Array("{}".utf8)[...] }
        return options
    }
}
