import Logging
public import RedisClient
import SocketIO
import SocketIORedis

/// Joins the gateway's clients to the channels of an official Socket.IO adapter, so that emitters and other Socket.IO servers on the same
/// Redis reach them. What the gateway itself sends does not go there.
public struct SocketIOBridge: Sendable {
    /// Whose wire format.
    public enum Kind: String, Sendable, CaseIterable {
        /// `createAdapter` of `@socket.io/redis-adapter`, and `@socket.io/redis-emitter`.
        case classic
        /// `createShardedAdapter` of the same, for Redis 7.
        case sharded
        /// The same with `subscriptionMode: "dynamic-private"`: a channel for each client too.
        case shardedPrivate = "sharded-private"
        /// `@socket.io/redis-streams-adapter`, and its emitter.
        case streams
        /// `RedisManager` of python-socketio.
        case python
    }

    let kind: Kind
    let client: RedisClient
    let streamCount: Int

    /// A bridge.
    ///
    /// - Parameters:
    ///   - kind: Whose wire format.
    ///   - client: Started, and used for nothing else; its owner shuts it down after the gateway.
    ///   - streamCount: How many streams those of ``Kind/streams`` have.
    public init(_ kind: Kind, client: RedisClient, streamCount: Int = 1) {
        self.kind = kind
        self.client = client
        self.streamCount = streamCount
    }

    /// The adapter of the gateway's namespace.
    func adapter(for local: LocalAdapter, rules: BridgeRules, counters: GatewayCounters, logger: Logger) -> any Adapter {
        func join(_ driver: some ClusterDriver) -> any Adapter {
            ClusterAdapter(local, driver: BridgeDriver(driver, rules: rules, counters: counters))
        }
        return switch kind {
        case .classic: join(ClassicRedisDriver(client: client, logger: logger))
        case .sharded: join(ShardedRedisDriver(client: client, logger: logger))
        case .shardedPrivate: join(ShardedRedisDriver(client: client, mode: .dynamicPrivate, logger: logger))
        case .streams: join(StreamsRedisDriver(client: client, streamCount: streamCount, logger: logger))
        case .python: join(PythonRedisDriver(client: client, logger: logger))
        }
    }
}
