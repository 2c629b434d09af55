import JSONScan
public import NIOCore

/// What the servers of one cluster tell each other about one namespace (socket.io-adapter, `lib/cluster-adapter.ts`).
public struct ClusterMessage: Hashable, Sendable {
    /// Who sends it: 16 hexadecimal digits, or ``emitter``.
    public var sender: String
    /// The namespace, with its leading slash.
    public var namespace: String
    /// What it says.
    public var body: Body

    /// The sender of messages that come from no server: a process that only emits.
    public static let emitter = "emitter"

    /// What a message says; values of applications are JSON text, as they were written.
    public enum Body: Hashable, Sendable {
        /// A server begins; the others answer with a heartbeat.
        case initialHeartbeat
        /// A server lives.
        case heartbeat
        /// Broadcast an event; with a `requestID` its clients' acks are asked for.
        case broadcast(ClusterEvent, ClusterOptions, requestID: String?)
        /// Bring the sockets that the options choose into rooms.
        case socketsJoin(ClusterOptions, rooms: [String])
        /// Take them out of rooms.
        case socketsLeave(ClusterOptions, rooms: [String])
        /// Disconnect them; with `close`, their connections too.
        case disconnectSockets(ClusterOptions, close: Bool)
        /// Describe them.
        case fetchSockets(ClusterOptions, requestID: String)
        /// The answer.
        case fetchSocketsResponse(requestID: String, sockets: [ClusterSocket])
        /// An event for the servers themselves: a JSON array, its name first.
        case serverSideEmit(ByteBuffer, requestID: String?)
        /// The answer: one JSON value.
        case serverSideEmitResponse(requestID: String, answer: ByteBuffer)
        /// How many clients of the sender got a broadcast whose acks are asked for.
        case broadcastClientCount(requestID: String, count: Int)
        /// One of their acks: its first argument, in which `{"_placeholder":true,"num":n}` stands for a binary value.
        case broadcastAck(requestID: String, answer: ByteBuffer, attachments: [ByteBuffer] = [])
        /// A server ends.
        case close
    }

    /// A message.
    public init(sender: String, namespace: String, body: Body) {
        self.sender = sender
        self.namespace = namespace
        self.body = body
    }

    /// The message's number on the wire.
    var type: Int {
        switch body {
        case .initialHeartbeat: 1
        case .heartbeat: 2
        case .broadcast: 3
        case .socketsJoin: 4
        case .socketsLeave: 5
        case .disconnectSockets: 6
        case .fetchSockets: 7
        case .fetchSocketsResponse: 8
        case .serverSideEmit: 9
        case .serverSideEmitResponse: 10
        case .broadcastClientCount: 11
        case .broadcastAck: 12
        case .close: 13
        }
    }
}

/// An event on its way to other servers.
public struct ClusterEvent: Hashable, Sendable {
    /// The JSON array, the name first; `{"_placeholder":true,"num":n}` stands for a binary value.
    public var array: ByteBuffer
    /// The binary values.
    public var attachments: [ByteBuffer]

    /// An event.
    public init(array: ByteBuffer, attachments: [ByteBuffer] = []) {
        self.array = array
        self.attachments = attachments
    }

    /// The event `name` with arguments of JSON text: values joined by commas, or nothing.
    public init(_ name: String, arguments: ByteBuffer) {
        var array = ByteBuffer(string: "[\(JSONString.literal(name))")
        if arguments.readableBytes > 0 { array.writeString(",") }
        array.writeImmutableBuffer(arguments)
        array.writeString("]")
        self.init(array: array)
    }
}

/// Whom something concerns, and how it is sent.
public struct ClusterOptions: Hashable, Sendable {
    /// Members of any of these rooms; everyone where empty.
    public var rooms: [String]
    /// But not members of any of these.
    public var except: [String]
    /// Whether clients that cannot take the event at once go without it.
    public var isVolatile = false
    /// Whether the event may be compressed.
    public var isCompressed = true
    /// Whether the event is kept for clients that are away. Only these servers say so; others keep all that is not volatile.
    public var isRecoverable = true
    /// How long acks are waited for; `nil` where none are asked for.
    public var timeout: Duration?

    /// Members of `rooms` who are not members of `except`.
    public init(rooms: [String] = [], except: [String] = []) {
        self.rooms = rooms
        self.except = except
    }
}

/// What a server tells others of one of its sockets.
public struct ClusterSocket: Hashable, Sendable {
    /// The socket's id.
    public var id: String
    /// The rooms it is in.
    public var rooms: [String]
    /// What its application says of it: one JSON value.
    public var data: ByteBuffer

    /// A socket.
    public init(id: String, rooms: [String], data: ByteBuffer) {
        self.id = id
        self.rooms = rooms
        self.data = data
    }
}

/// Why a message of another server cannot be read, or one cannot be written.
public enum ClusterMessageError: Error, Hashable, Sendable {
    /// It is no JSON object, or a member is missing or of another kind.
    case malformed
    /// A type that this version does not know.
    case unknownType(Int64)
    /// The event holds binary values, which the JSON form cannot.
    case binaryInJSON
}
