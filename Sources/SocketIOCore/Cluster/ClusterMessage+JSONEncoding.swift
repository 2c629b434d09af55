import JSONScan
public import NIOCore

/// The JSON form, as `JSON.stringify` would write it: `{"uid","nsp","type","data"?}`.
extension ClusterMessage {
    /// Appends the message as JSON.
    ///
    /// - Throws: ``ClusterMessageError/binaryInJSON``.
    public func writeJSON(into buffer: inout ByteBuffer) throws(ClusterMessageError) {
        guard !hasBinary else { throw .binaryInJSON }
        buffer.writeString("{\"uid\":\(JSONString.literal(sender)),\"nsp\":\(JSONString.literal(namespace)),\"type\":\(type)")
        writeData(into: &buffer)
        buffer.writeString("}")
    }

    /// Whether the message holds binary values, for which JSON has no form.
    public var hasBinary: Bool {
        switch body {
        case .broadcast(let event, _, _): !event.attachments.isEmpty
        case .broadcastAck(_, _, let attachments): !attachments.isEmpty
        default: false
        }
    }

    private func writeData(into buffer: inout ByteBuffer) {
        var data = DataWriter(buffer: buffer)
        switch body {
        case .initialHeartbeat, .heartbeat, .close: return
        case .broadcast(let event, let options, let requestID):
            data.options(options)
            data.begin("packet")
            data.buffer.writeString("{\"type\":2,\"data\":")
            data.buffer.writeImmutableBuffer(event.array)
            data.buffer.writeString(",\"nsp\":\(JSONString.literal(namespace))}")
            if let requestID { data.string("requestId", requestID) }
        case .socketsJoin(let options, let rooms), .socketsLeave(let options, let rooms):
            data.options(options)
            data.strings("rooms", rooms)
        case .disconnectSockets(let options, let close):
            data.options(options)
            data.text("close", "\(close)")
        case .fetchSockets(let options, let requestID):
            data.options(options)
            data.string("requestId", requestID)
        case .fetchSocketsResponse(let requestID, let sockets):
            data.string("requestId", requestID)
            data.begin("sockets")
            data.sockets(sockets)
        case .serverSideEmit(let array, let requestID):
            data.json("packet", array)
            if let requestID { data.string("requestId", requestID) }
        case .serverSideEmitResponse(let requestID, let answer), .broadcastAck(let requestID, let answer, _):
            data.string("requestId", requestID)
            data.json("packet", answer)
        case .broadcastClientCount(let requestID, let count):
            data.string("requestId", requestID)
            data.text("clientCount", "\(count)")
        }
        data.buffer.writeString("}")
        buffer = data.buffer
    }
}

/// Writes the members of `data`.
private struct DataWriter {
    var buffer: ByteBuffer
    private var isFirst = true

    init(buffer: ByteBuffer) {
        self.buffer = buffer
    }

    mutating func begin(_ key: String) {
        buffer.writeString(isFirst ? ",\"data\":{\"\(key)\":" : ",\"\(key)\":")
        isFirst = false
    }

    mutating func text(_ key: String, _ text: String) {
        begin(key)
        buffer.writeString(text)
    }

    mutating func string(_ key: String, _ string: String) { text(key, JSONString.literal(string)) }

    mutating func strings(_ key: String, _ strings: [String]) { text(key, Self.list(strings)) }

    mutating func json(_ key: String, _ json: ByteBuffer) {
        begin(key)
        buffer.writeImmutableBuffer(json)
    }

    mutating func options(_ options: ClusterOptions) {
        var flags: [String] = []
        if options.isVolatile { flags.append("\"volatile\":true") }
        if !options.isCompressed { flags.append("\"compress\":false") }
        if !options.isRecoverable { flags.append("\"recoverable\":false") }
        if let timeout = options.timeout {
            let (seconds, attoseconds) = timeout.components
            flags.append("\"timeout\":\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)")
        }
        let (rooms, except) = (Self.list(options.rooms), Self.list(options.except))
        text("opts", "{\"rooms\":\(rooms),\"except\":\(except),\"flags\":{\(flags.joined(separator: ","))}}")
    }

    /// The handshake that readers of the reference expect, empty: what it holds there (headers with tokens and cookies) leaves no server.
    mutating func sockets(_ sockets: [ClusterSocket]) {
        buffer.writeString("[")
        for (index, socket) in sockets.enumerated() {
            let handshake = "{\"headers\":{},\"query\":{},\"auth\":{}}"
            buffer.writeString(index > 0 ? "," : "")
            buffer.writeString(
                "{\"id\":\(JSONString.literal(socket.id)),\"handshake\":\(handshake),\"rooms\":\(Self.list(socket.rooms)),\"data\":"
            )
            buffer.writeImmutableBuffer(socket.data)
            buffer.writeString("}")
        }
        buffer.writeString("]")
    }

    private static func list(_ strings: [String]) -> String {
        "[\(strings.map { JSONString.literal($0) }.joined(separator: ","))]"
    }
}
