import EngineIOCore
import JSONScan
public import Logging
import MessagePack
import NIOCore
public import RedisClient
public import SocketIO
public import SocketIOCore
import Synchronization

/// Speaks what `@socket.io/redis-streams-adapter` 0.3 speaks, and hears its emitter: broadcasts and orders go through a stream, of which a
/// server misses nothing while its connection is cut; questions and answers go over channels.
///
/// Source: https://github.com/socketio/socket.io-redis-streams-adapter/blob/main/lib/adapter.ts
public final class StreamsRedisDriver: ClusterDriver {
    private let connection: DriverConnection
    private let prefix: String
    private let streams: StreamNames
    private let maximumLength: Int
    private let isSharded: Bool
    private let listeners = NamespaceListeners()
    private let reading = Mutex<Task<Void, Never>?>(nil)

    /// A driver.
    ///
    /// - Parameters:
    ///   - client: Started, and used by one driver alone.
    ///   - prefix: What channels begin with.
    ///   - stream: The stream, or what the names of several begin with.
    ///   - streamCount: How many streams there are, as the other servers have it; each namespace has one of them.
    ///   - maximumLength: About how many entries a stream keeps.
    ///   - isSharded: Whether channels are sharded ones (`useShardedPubSub`).
    ///   - logger: For what an operator has to know.
    public init(
        client: RedisClient,
        prefix: String = "socket.io",
        stream: String = "socket.io",
        streamCount: Int = 1,
        maximumLength: Int = 10_000,
        isSharded: Bool = false,
        logger: Logger
    ) {
        self.connection = DriverConnection(client, logger: logger)
        self.prefix = prefix
        self.streams = StreamNames(stream, count: streamCount)
        self.maximumLength = maximumLength
        self.isSharded = isSharded
    }

    /// Messages that were not sent.
    public var unsentCount: Int { connection.unsentCount }

    private func channel(_ namespace: String, _ server: String? = nil) -> String {
        "\(prefix)#\(namespace)#" + (server.map { "\($0)#" } ?? "")
    }

    /// Listens; with the first namespace the streams are read from their ends on.
    public func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        listeners.add(namespace, receive)
        for channel in [channel(namespace), channel(namespace, server)] {
            connection.listen(channel, isSharded ? .sharded : .channel) { message in
                if let message = ClusterMessage(wire: message.payload) { receive(message) }
            }
        }
        reading.withLock { reading in
            if reading == nil { reading = Task { await self.read() } }
        }
    }

    private func read() async {
        let reader = RedisStreamReader(client: connection.client, streams: Dictionary(uniqueKeysWithValues: streams.all.map { ($0, "$") }))
        await reader.run { entries in
            for entry in entries {
                guard let message = ClusterMessage(entry) else { continue }
                self.listeners[message.namespace]?(message)
            }
        } gap: { gap in
            self.connection.logger.warning("entries of a stream were trimmed before they were read", metadata: ["stream": "\(gap.stream)"])
        }
    }

    /// Listens no more.
    public func leave(_ namespace: String, as server: String) {
        for channel in [channel(namespace), channel(namespace, server)] {
            connection.stopListening(channel, isSharded ? .sharded : .channel)
        }
        guard listeners.remove(namespace) else { return }
        reading.withLock { reading in
            reading?.cancel()
            reading = nil
        }
    }

    /// Adds to the stream, or asks over the channel.
    public func publish(_ message: ClusterMessage) {
        switch message.body {
        // Servers are counted in Redis.
        case .initialHeartbeat, .heartbeat, .close: return
        case .broadcast(_, _, .some), .serverSideEmit, .fetchSockets: publish(message, to: channel(message.namespace))
        default:
            let stream = streams.name(for: message.namespace)
            let (type, data, isMessagePack) = message.parts
            var arguments: [RedisArgument] = [.string(stream), "MAXLEN", "~", .integer(maximumLength), "*"]
            arguments += ["uid", .string(message.sender), "nsp", .string(message.namespace), "type", .string("\(type)")]
            if let data {
                arguments += ["data", isMessagePack ? .string(Base64.encode(data)) : .buffer(ByteBuffer(bytes: data))]
            }
            connection.submit(RedisCommand("XADD", arguments, key: stream))
        }
    }

    /// Sends to one server.
    public func respond(_ message: ClusterMessage, to server: String) {
        publish(message, to: channel(message.namespace, server))
    }

    private func publish(_ message: ClusterMessage, to channel: String) {
        if isSharded {
            connection.publishSharded(message.messagePack, to: channel)
        } else {
            connection.publish(message.messagePack, to: channel)
        }
    }

    /// How many servers listen to the namespace's channel.
    public func serverCount(_ namespace: String) async throws -> Int? {
        try await connection.subscriberCount(channel(namespace), isSharded: isSharded)
    }

    /// Yes.
    public var countsServers: Bool { true }
}

extension ClusterMessage {
    /// Reads an entry of the stream; `nil` where it is no message.
    init?(_ entry: RedisStreamEntry) {
        func text(_ name: String) -> String? { entry[name].map { String(buffer: $0) } }
        guard let sender = text("uid"), let namespace = text("nsp"), let type = text("type").flatMap({ Int($0) }) else { return nil }
        guard let data = entry["data"] else {
            self.init(sender: sender, namespace: namespace, type: type, data: [])
            return
        }
        let bytes = data.readableBytesView.first == UInt8(ascii: "{") ? data : Base64.decode(data)
        guard let bytes, let text = WirePayload(bytes) else { return nil }
        func whole(_ text: WirePayload) -> WirePayload {
            let head = "{\"uid\":\(JSONString.literal(sender)),\"nsp\":\(JSONString.literal(namespace)),\"type\":\(type),\"data\":"
            return WirePayload(json: Array(head.utf8) + text.json + [UInt8(ascii: "}")], attachments: text.attachments)
        }
        self.init(whole(text)) { WirePayload(bytes, binary: .buffers).map(whole) }
    }
}
