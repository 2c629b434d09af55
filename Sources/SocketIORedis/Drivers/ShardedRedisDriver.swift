public import Logging
import NIOCore
public import RedisClient
public import SocketIO
public import SocketIOCore

/// Speaks what the sharded adapter of `@socket.io/redis-adapter` speaks (`createShardedAdapter`, Redis 7): sharded channels, one for each
/// namespace, one for each server, and in the reference's default mode one for each room.
///
/// Source: https://github.com/socketio/socket.io-redis-adapter/blob/main/lib/sharded-adapter.ts
public final class ShardedRedisDriver: ClusterDriver {
    /// When a broadcast to one room goes over a channel of that room: all servers of a cluster have the same.
    public enum SubscriptionMode: Sendable {
        /// Never.
        case `static`
        /// Where the room does not look like the id of a socket, which has 20 characters: the reference's default.
        case dynamic
        /// Always: sockets have channels too.
        case dynamicPrivate
    }

    private let connection: DriverConnection
    private let prefix: String
    private let mode: SubscriptionMode
    private let listeners = NamespaceListeners()

    /// A driver.
    ///
    /// - Parameters:
    ///   - client: Started, and used by one driver alone.
    ///   - prefix: What channels begin with; `socket.io` with the reference.
    ///   - mode: As the other servers have it.
    ///   - logger: For what an operator has to know.
    public init(client: RedisClient, prefix: String = "socket.io", mode: SubscriptionMode = .dynamic, logger: Logger) {
        self.connection = DriverConnection(client, logger: logger)
        self.prefix = prefix
        self.mode = mode
    }

    /// Messages that were not sent.
    public var unsentCount: Int { connection.unsentCount }

    private func channel(_ namespace: String, _ part: String? = nil) -> String {
        "\(prefix)#\(namespace)#" + (part.map { "\($0)#" } ?? "")
    }

    /// Listens.
    public func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        listeners.add(namespace, receive)
        for channel in [channel(namespace), channel(namespace, server)] { listen(channel, receive) }
    }

    private func listen(_ channel: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        connection.listen(channel, .sharded) { message in
            if let message = ClusterMessage(wire: message.payload) { receive(message) }
        }
    }

    /// Listens no more.
    public func leave(_ namespace: String, as server: String) {
        listeners.remove(namespace)
        for channel in [channel(namespace), channel(namespace, server)] { connection.stopListening(channel, .sharded) }
    }

    /// Sends to all servers, or over the room's channel.
    public func publish(_ message: ClusterMessage) {
        switch message.body {
        // Servers are counted in Redis.
        case .initialHeartbeat, .heartbeat, .close: return
        case .broadcast(_, let options, nil) where options.rooms.count == 1 && hasChannel(options.rooms[0]):
            connection.publishSharded(message.wire, to: channel(message.namespace, options.rooms[0]))
        default: connection.publishSharded(message.wire, to: channel(message.namespace))
        }
    }

    private func hasChannel(_ room: String) -> Bool {
        switch mode {
        case .static: false
        // `looksLikeASocketId` of the reference.
        case .dynamic: room.utf16.count != 20
        case .dynamicPrivate: true
        }
    }

    /// Sends to one server.
    public func respond(_ message: ClusterMessage, to server: String) {
        connection.publishSharded(message.wire, to: channel(message.namespace, server))
    }

    /// How many servers listen to the namespace's channel.
    public func serverCount(_ namespace: String) async throws -> Int? {
        try await connection.subscriberCount(channel(namespace), isSharded: true)
    }

    /// Yes.
    public var countsServers: Bool { true }

    /// In the dynamic modes.
    public var followsRooms: Bool { mode != .static }

    /// Listens to the channels of the rooms that have members here.
    public func room(_ room: String, of namespace: String, hasMembers: Bool) {
        guard hasChannel(room) else { return }
        let channel = channel(namespace, room)
        if hasMembers {
            if let receive = listeners[namespace] { listen(channel, receive) }
        } else {
            connection.stopListening(channel, .sharded)
        }
    }
}
