import EngineIOCore
import JSONScan
import NIOCore
import SocketIOCore

/// The messages of python-socketio's pub/sub managers: one channel for all namespaces, JSON. Old versions wrote pickles, which run code when
/// they are read: what is no JSON is ignored.
///
/// Source: https://github.com/miguelgrinberg/python-socketio/blob/main/src/socketio/pubsub_manager.py
struct PythonCodec {
    /// Who waits for the answers to an emit with a callback: all that has to come back with them.
    struct Callback: Hashable {
        let host: String
        /// `[room, namespace, id]`, as they came.
        let parts: [String]
    }

    /// What a message means.
    enum Incoming {
        case messages([ClusterMessage])
        /// An emit that asks for answers.
        case question(ClusterMessage, Callback)
        /// A message of one of our own servers, which the others do not know, and for which server.
        case cluster(ClusterMessage, to: String?)
    }

    static let method = "moonx"
    /// How long clients may take to answer: as long as `call()` waits unless told otherwise. The message does not say it.
    static let questionTimeout = Duration.seconds(60)

    // MARK: Reading

    /// - Parameter requestID: What a question is called here.
    static func read(_ payload: ByteBuffer, requestID: () -> String) -> Incoming? {
        // What is no UTF-8 would end the WebSocket of every client that gets it (RFC 6455, section 8.1).
        guard payload.readableBytesView.first == UInt8(ascii: "{"), isValidUTF8(payload),
            let object = try? JSONObject(Array(payload.readableBytesView)),
            let method = object.string("method")
        else { return nil }
        // Old versions, and others that write to the channel, do not say who they are.
        let host = object.string("host_id") ?? ""
        let namespace = object.string("namespace") ?? "/"
        func message(_ body: ClusterMessage.Body) -> ClusterMessage { ClusterMessage(sender: host, namespace: namespace, body: body) }
        switch method {
        case Self.method:
            guard let raw = object.raw("message"), let message = try? ClusterMessage(json: ByteBuffer(bytes: raw)) else { return nil }
            return .cluster(message, to: object.string("to"))
        case "emit":
            // Ours asks its own kind otherwise.
            guard let event = event(object), object[Self.method] == nil, let rooms = names(object, "room"),
                let except = names(object, "skip_sid")
            else { return nil }
            // In a list of no rooms nobody is.
            if rooms.isEmpty, object["room"]?.kind == .array { return nil }
            var options = ClusterOptions(rooms: rooms, except: except)
            guard let callback = object.raw("callback").flatMap({ WirePayload.elements($0) }), callback.count == 3 else {
                return .messages([message(.broadcast(event, options, requestID: nil))])
            }
            let parts = callback.map { String(decoding: $0, as: UTF8.self) }
            options.timeout = questionTimeout
            return .question(message(.broadcast(event, options, requestID: requestID())), Callback(host: host, parts: parts))
        case "callback":
            guard let id = object.string("id") else { return nil }
            let first = object.raw("args").flatMap { WirePayload.elements($0)?.first } ?? Array("null".utf8)[...]
            // The other servers do not say how many will answer: each answer says it of itself.
            return .messages([
                message(.broadcastClientCount(requestID: id, count: 1)),
                message(.broadcastAck(requestID: id, answer: ByteBuffer(bytes: first))),
            ])
        case "disconnect":
            return object.string("sid").map { .messages([message(.disconnectSockets(ClusterOptions(rooms: [$0]), close: false))]) }
        case "enter_room", "leave_room":
            guard let id = object.string("sid"), let room = object.roomName("room") else { return nil }
            let options = ClusterOptions(rooms: [id])
            return .messages([
                message(method == "enter_room" ? .socketsJoin(options, rooms: [room]) : .socketsLeave(options, rooms: [room]))
            ])
        case "close_room":
            return object.roomName("room").map { .messages([message(.socketsLeave(ClusterOptions(rooms: [$0]), rooms: [$0]))]) }
        default: return nil
        }
    }

    /// A name or several; none where there is nothing or `null`. `nil` where something else stands there: it must not become everyone.
    private static func names(_ object: JSONObject, _ key: String) -> [String]? {
        guard let value = object[key], value.kind != .null else { return [] }
        return object.roomNames(at: value) ?? object.roomName(at: value).map { [$0] }
    }

    private static func event(_ object: JSONObject) -> ClusterEvent? {
        guard let name = object.string("event"), var data = arguments(object) else { return nil }
        var attachments: [ByteBuffer] = []
        if object.bool("binary") == true {
            guard !data.isEmpty, data.count - 1 <= WirePayload.maximumAttachments else { return nil }
            for text in data.dropFirst() {
                guard text.count >= 2, let bytes = Base64.decode(ByteBuffer(bytes: text.dropFirst().dropLast())) else { return nil }
                attachments.append(bytes)
            }
            data = WirePayload.elements(data[0]) ?? [data[0]]
        } else if data.count == 1, data[0].elementsEqual("null".utf8) {
            // What versions from 5.16 on write for an event without data.
            data = []
        }
        let arguments = ByteBuffer(bytes: data.joined(separator: [UInt8(ascii: ",")]))
        var event = ClusterEvent(name, arguments: arguments)
        event.attachments = attachments
        return event
    }

    /// A list of arguments, or one argument that is none: versions before 5.16 write it as it was given.
    private static func arguments(_ object: JSONObject) -> [ArraySlice<UInt8>]? {
        guard let raw = object.raw("data") else { return nil }
        switch object["data"]?.kind {
        case .array: return WirePayload.elements(raw)
        case .null: return []
        default: return [raw]
        }
    }

    // MARK: Writing

    /// What other servers are told; several messages where one cannot say it. What they have no word for goes to our own servers alone.
    ///
    /// - Parameter host: This process.
    static func write(_ message: ClusterMessage, host: String) -> [ByteBuffer] {
        func text(_ method: String, _ members: String...) -> ByteBuffer {
            let common = "\"method\":\"\(method)\",\"namespace\":\(literal(message.namespace)),\"host_id\":\(literal(host))"
            return ByteBuffer(string: "{\(([common] + members).joined(separator: ","))}")
        }
        switch message.body {
        case .broadcast(let event, let options, let requestID):
            guard let emit = emit(event, options, message.namespace, requestID) else { return [] }
            let own = requestID == nil ? [] : [cluster(message, host: host)]
            return own + [text("emit", emit)]
        case .socketsJoin(let options, let rooms) where options.except.isEmpty && !options.rooms.isEmpty:
            // Theirs take ids only; ours take rooms too.
            return options.rooms.flatMap { id in rooms.map { text("enter_room", "\"sid\":\(literal(id))", "\"room\":\(literal($0))") } }
        case .socketsLeave(let options, let rooms) where options.except.isEmpty && options.rooms == rooms && rooms.count == 1:
            return [text("close_room", "\"room\":\(literal(rooms[0]))")]
        case .socketsLeave(let options, let rooms) where options.except.isEmpty && !options.rooms.isEmpty:
            return options.rooms.flatMap { id in rooms.map { text("leave_room", "\"sid\":\(literal(id))", "\"room\":\(literal($0))") } }
        case .disconnectSockets(let options, false) where options.except.isEmpty && !options.rooms.isEmpty:
            return options.rooms.map { text("disconnect", "\"sid\":\(literal($0))") }
        default: return [cluster(message, host: host)]
        }
    }

    /// A message for our own servers, or one of them.
    static func cluster(_ message: ClusterMessage, host: String, to server: String? = nil) -> ByteBuffer {
        let target = server.map { ",\"to\":\(literal($0))" } ?? ""
        return ByteBuffer(
            string: "{\"method\":\"\(method)\",\"host_id\":\(literal(host))\(target),\"message\":\(String(buffer: message.json))}"
        )
    }

    /// The answer of a client to a question.
    static func answer(_ callback: Callback, _ argument: ByteBuffer) -> ByteBuffer {
        let (room, namespace, id) = (callback.parts[0], callback.parts[1], callback.parts[2])
        return ByteBuffer(
            string: "{\"method\":\"callback\",\"host_id\":\(literal(callback.host)),\"sid\":\(room),\"namespace\":\(namespace),"
                + "\"id\":\(id),\"args\":[\(String(buffer: argument))]}"
        )
    }

    private static func emit(_ event: ClusterEvent, _ options: ClusterOptions, _ namespace: String, _ requestID: String?) -> String? {
        guard let parts = WirePayload.elements(Array(event.array.readableBytesView)[...]), let name = parts.first else { return nil }
        let arguments = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
        let binaries = event.attachments.map { ",\"\(Base64.encode($0.readableBytesView))\"" }.joined()
        let data = event.attachments.isEmpty ? "[\(arguments)]" : "[[\(arguments)]\(binaries)]"
        func names(_ names: [String]) -> String {
            switch names.count {
            case 0: "null"
            case 1: literal(names[0])
            default: "[\(names.map { literal($0) }.joined(separator: ","))]"
            }
        }
        let room = names(options.rooms)
        let callback = requestID.map { "[\(room),\(literal(namespace)),\(literal($0))],\"\(method)\":true" } ?? "null"
        return "\"event\":\(String(decoding: name, as: UTF8.self)),\"data\":\(data),\"binary\":\(!event.attachments.isEmpty),"
            + "\"room\":\(room),\"skip_sid\":\(names(options.except)),\"callback\":\(callback)"
    }

    private static func literal(_ text: String) -> String { JSONString.literal(text) }
}
