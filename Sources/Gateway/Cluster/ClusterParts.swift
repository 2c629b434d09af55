import GatewayDomain
import Logging
import NIOCore
import RedisClient
import Store
import Synchronization

/// What this node shares with the others over Redis, put together.
struct ClusterParts: Sendable {
    let node: ClusterNode
    let limits: ClusterLimits
    let store: RedisMessageStore
    let exchange: ClusterMailExchange
    let presence: ClusterPresence
    let sessions: RedisSessionStore
    private let client: RedisClient
    private let uptime: @Sendable () -> Duration

    /// How often Redis is told anew of what is held here, so that nothing that is in use expires.
    private static let restatement = Duration.seconds(3600)

    init(
        client: RedisClient,
        configuration: GatewayConfiguration,
        eventLoop: any EventLoop,
        sockets: LocalSockets,
        lanes: SerialLanes,
        counters: GatewayCounters,
        uptime: @escaping @Sendable () -> Duration,
        logger: Logger
    ) {
        var generator = SystemRandomNumberGenerator()
        let id = NodeID(startedAt: WallClock.milliseconds(), using: &generator)
        self.client = client
        self.uptime = uptime
        node = ClusterNode(id: id, client: client, uptime: uptime, counters: counters, logger: logger)
        limits = ClusterLimits(client: client, node: node, limits: configuration.limits, counters: counters, now: WallClock.milliseconds)
        store = RedisMessageStore(client: client, now: WallClock.milliseconds)
        exchange = ClusterMailExchange(
            store: store,
            node: node,
            client: client,
            sockets: sockets,
            lanes: lanes,
            eventLoop: eventLoop,
            counters: counters,
            uptime: uptime,
            logger: logger
        )
        sessions = RedisSessionStore(client: client, node: node, counters: counters, logger: logger)
        presence = ClusterPresence(
            eventLoop: eventLoop,
            client: client,
            node: node,
            sockets: sockets,
            lanes: lanes,
            counters: counters,
            linger: configuration.presenceLinger,
            now: WallClock.milliseconds,
            uptime: uptime,
            logger: logger
        )
    }

    /// Joins the other nodes. Before the first client.
    ///
    /// - Parameters:
    ///   - spending: Takes what users have sent over other nodes.
    ///   - rewriteSessions: Has the sessions of connected clients written anew.
    /// - Throws: `RedisError` or `StoreError` where Redis does not answer.
    func start(
        spending: ClusterLimits.Spending,
        rewriteSessions: @escaping @Sendable () -> Void
    ) async throws {
        try await exchange.start()
        try await limits.start(spending)
        let lastStatement = Mutex(uptime())
        var hooks = ClusterNode.Hooks()
        hooks.rejoin = { [presence, limits] in
            await presence.rejoin()
            await limits.rejoin()
            rewriteSessions()
        }
        hooks.sweep = { [presence] in await presence.sweep($0, lastSeen: $1) }
        hooks.tick = { [node, exchange, presence, limits, uptime] in
            exchange.tend()
            presence.tend()
            limits.tend()
            limits.share()
            let now = uptime()
            let isDue = lastStatement.withLock { last in
                guard now - last >= Self.restatement else { return false }
                last = now
                return true
            }
            if isDue { node.rejoin() }
        }
        try await node.start(hooks)
        // What could not be told while Redis was away is told now.
        client.subscriptions.onStateChange { [node] state in
            if state == .live { node.rejoin() }
        }
    }

    /// Leaves the other nodes. What was saved of clients is with them.
    func stop() async {
        await sessions.finish()
        await node.stop()
    }
}
