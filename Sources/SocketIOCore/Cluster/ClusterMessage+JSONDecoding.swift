import EngineIOCore
import JSONScan
public import NIOCore

extension ClusterMessage {
    /// Reads a message in its JSON form.
    ///
    /// - Throws: ``ClusterMessageError``.
    public init(json: ByteBuffer) throws(ClusterMessageError) {
        // It would end the WebSocket of every client that gets it (RFC 6455, section 8.1).
        guard isValidUTF8(json) else { throw .malformed }
        let message = try Self.object(json.readableBytesView)
        guard let sender = message.string("uid"), let namespace = message.string("nsp"), let type = message.integer("type") else {
            throw .malformed
        }
        self.init(sender: sender, namespace: namespace, body: .heartbeat)
        switch type {
        case 1: body = .initialHeartbeat
        case 2: body = .heartbeat
        case 13: body = .close
        case 3...12:
            guard let data = message.raw("data") else { throw .malformed }
            body = try Self.body(type, ClusterData(object: try Self.object(data)))
        default: throw .unknownType(type)
        }
    }

    private static func body(_ type: Int64, _ data: ClusterData) throws(ClusterMessageError) -> Body {
        switch type {
        case 3: .broadcast(try data.event(), try data.options(), requestID: data.object.string("requestId"))
        case 4: .socketsJoin(try data.options(), rooms: try data.rooms())
        case 5: .socketsLeave(try data.options(), rooms: try data.rooms())
        case 6: .disconnectSockets(try data.options(), close: data.object.bool("close") ?? false)
        case 7: .fetchSockets(try data.options(), requestID: try data.requestID())
        case 8: .fetchSocketsResponse(requestID: try data.requestID(), sockets: try data.sockets())
        case 9: .serverSideEmit(try data.array("packet"), requestID: data.object.string("requestId"))
        case 10: .serverSideEmitResponse(requestID: try data.requestID(), answer: data.value("packet"))
        case 11: .broadcastClientCount(requestID: try data.requestID(), count: try data.count())
        default: .broadcastAck(requestID: try data.requestID(), answer: data.value("packet"))
        }
    }

    fileprivate static func object(_ bytes: some Sequence<UInt8>) throws(ClusterMessageError) -> JSONObject {
        do { return try JSONObject(Array(bytes)) } catch { throw .malformed }
    }
}

/// Reads the members of `data`.
private struct ClusterData {
    let object: JSONObject

    func requestID() throws(ClusterMessageError) -> String {
        guard let id = object.string("requestId") else { throw .malformed }
        return id
    }

    func rooms() throws(ClusterMessageError) -> [String] {
        guard let rooms = object.roomNames("rooms") else { throw .malformed }
        return rooms
    }

    func count() throws(ClusterMessageError) -> Int {
        guard let count = object.integer("clientCount"), (0...Int64(Int32.max)).contains(count) else { throw .malformed }
        return Int(count)
    }

    /// A value as it was written; what is absent, as `undefined` is, becomes `null`.
    func value(_ key: String) -> ByteBuffer {
        object.raw(key).map { ByteBuffer(bytes: $0) } ?? ByteBuffer(string: "null")
    }

    func array(_ key: String) throws(ClusterMessageError) -> ByteBuffer {
        guard object[key]?.kind == .array else { throw .malformed }
        return value(key)
    }

    func options() throws(ClusterMessageError) -> ClusterOptions {
        guard let raw = object.raw("opts") else { throw .malformed }
        let members = try ClusterMessage.object(raw)
        var options = ClusterOptions(rooms: try Self.names("rooms", in: members), except: try Self.names("except", in: members))
        guard let flags = members.raw("flags"), let flags = try? JSONObject(Array(flags)) else { return options }
        options.isVolatile = flags.bool("volatile") ?? false
        options.isCompressed = flags.bool("compress") ?? true
        options.isRecoverable = flags.bool("recoverable") ?? true
        options.timeout = flags.integer("timeout").map { .milliseconds(min(max(0, $0), 86_400_000)) }
        return options
    }

    /// Emitters leave out what they have nothing for, or write `null` or an empty string.
    private static func names(_ key: String, in members: JSONObject) throws(ClusterMessageError) -> [String] {
        switch members[key]?.kind {
        case nil, .null: return []
        case .string where members.string(key) == "": return []
        default:
            guard let names = members.roomNames(key) else { throw .malformed }
            return names
        }
    }

    func event() throws(ClusterMessageError) -> ClusterEvent {
        guard let raw = object.raw("packet") else { throw .malformed }
        let packet = ClusterData(object: try ClusterMessage.object(raw))
        // The second where the emitter has looked for binary values itself: they stand in the data all the same.
        guard [2, 5].contains(packet.object.integer("type")) else { throw .malformed }
        return ClusterEvent(array: try packet.array("data"))
    }

    func sockets() throws(ClusterMessageError) -> [ClusterSocket] {
        guard object["sockets"]?.kind == .array, let raw = object.raw("sockets") else { throw .malformed }
        let bytes = Array(raw)
        var ranges: [Range<Int>] = []
        var scanner = JSONScanner(bytes.span)
        do { try scanner.forEachElement { ranges.append($0.range) } } catch { throw .malformed }
        var sockets: [ClusterSocket] = []
        for range in ranges {
            let socket = ClusterData(object: try ClusterMessage.object(bytes[range]))
            guard let id = socket.object.string("id") else { throw .malformed }
            sockets.append(ClusterSocket(id: id, rooms: try socket.rooms(), data: socket.value("data")))
        }
        return sockets
    }
}
