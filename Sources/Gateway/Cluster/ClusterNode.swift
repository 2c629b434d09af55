import GatewayDomain
import Logging
import NIOCore
import RESP
import RedisClient
import Store
import Synchronization

/// This node among the others: says each second that it lives, and knows who else does.
final class ClusterNode: Sendable {
    /// What depends on which nodes live. Called off the loops; what takes long does not hold the heartbeat up.
    struct Hooks: Sendable {
        /// Each second, after a heartbeat or an attempt at one.
        var tick: @Sendable () async -> Void = {}
        /// What is held here is to be told anew.
        var rejoin: @Sendable () async -> Void = {}
        /// What a dead node held is to be let go; its last heartbeat was at that time (milliseconds since 1970). `false`: try again.
        var sweep: @Sendable (NodeID, _ lastSeen: Int64) async -> Bool = { _, _ in true }
    }

    let id: NodeID
    private let client: RedisClient
    private let rules: NodeWatch.Rules
    private let uptime: @Sendable () -> Duration
    private let counters: GatewayCounters
    private let logger: Logger
    private let watch: Mutex<NodeWatch>
    private let reachable = Atomic(true)
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let hooks = Mutex(Hooks())
    /// Nodes that are being tidied up after.
    private let busy = Mutex<Set<NodeID>>([])
    private let telling = Mutex(Telling.no)

    /// Whether Redis is being told anew of what is held here.
    private enum Telling { case no, yes, andAgain }

    /// KEYS: the nodes. ARGV: this node. Returns whether it was known, the time, and each node with the time of its last heartbeat.
    private static let heartbeat = RedisScript(
        """
        local time = redis.call('TIME')
        local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
        local isNew = redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('PEXPIRE', KEYS[1], 604800000)
        return {1 - isNew, now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}
        """
    )

    init(
        id: NodeID,
        client: RedisClient,
        rules: NodeWatch.Rules = NodeWatch.Rules(),
        uptime: @escaping @Sendable () -> Duration,
        counters: GatewayCounters,
        logger: Logger
    ) {
        self.id = id
        self.client = client
        self.rules = rules
        self.uptime = uptime
        self.counters = counters
        self.logger = logger
        watch = Mutex(NodeWatch(own: id, rules: rules))
    }

    /// The nodes that count, this one included.
    var live: Set<NodeID> { watch.withLock { $0.live } }

    /// Whether the last heartbeat went through. Where it did not, what can do without Redis does not wait for it.
    var isReachable: Bool { reachable.load(ordering: .relaxed) }

    /// Makes this node known to the others, and goes on doing so.
    ///
    /// - Throws: ``StoreError`` where Redis cannot be reached.
    func start(_ hooks: Hooks) async throws {
        self.hooks.withLock { $0 = hooks }
        do { _ = try await beat() } catch { throw StoreError(code: .unavailable, message: "\(error)") }
        task.withLock { task in
            task = Task { [self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: rules.interval)
                    if Task.isCancelled { return }
                    await turn(hooks)
                }
            }
        }
    }

    /// Tells Redis anew of what is held here. Where that is being done, it is done once more afterwards: what was told at the beginning may
    /// have failed, or been lost again.
    func rejoin() {
        let isFirst = telling.withLock { telling in
            defer { telling = telling == .no ? .yes : .andAgain }
            return telling == .no
        }
        guard isFirst else { return }
        let hooks = self.hooks.withLock { $0 }
        Task { [self] in
            repeat { await hooks.rejoin() } while isToTellAgain()
        }
    }

    private func isToTellAgain() -> Bool {
        telling.withLock { telling in
            telling = telling == .andAgain ? .yes : .no
            return telling == .yes
        }
    }

    /// Says nothing more. The others take this node for dead after a while: users who come back to them in the meantime have never been gone.
    func stop() async {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        running?.cancel()
        await running?.value
    }

    private func turn(_ hooks: Hooks) async {
        do {
            let (outcome, lastSeen) = try await beat()
            let wasAway = !reachable.exchange(true, ordering: .relaxed)
            if outcome.hasBeenForgotten {
                counters.count(.rejoin)
                logger.warning("this node had been taken for dead, or Redis has lost its state; telling it anew")
            }
            if outcome.hasBeenForgotten || wasAway { rejoin() }
            for node in outcome.dead { once(node) { [self] in await sweep(node, lastSeen[node] ?? 0, hooks) } }
        } catch {
            reachable.store(false, ordering: .relaxed)
            counters.count(.heartbeatFailure)
            logger.debug("no heartbeat", metadata: ["error": "\(error)"])
        }
        await hooks.tick()
    }

    /// Starts `body` unless the same is under way: a heartbeat must not wait for it.
    private func once(_ node: NodeID, _ body: @escaping @Sendable () async -> Void) {
        guard busy.withLock({ $0.insert(node).inserted }) else { return }
        Task { [self] in
            await body()
            busy.withLock { _ = $0.remove(node) }
        }
    }

    private func beat() async throws(RedisError) -> (NodeWatch.Outcome, lastSeen: [NodeID: Int64]) {
        let answer = try await client.run(
            Self.heartbeat,
            keys: [StateKeys.nodes],
            arguments: [.string(id.rawValue)],
            timeout: rules.interval
        )
        guard let parts = answer.array, parts.count == 3, let wasKnown = parts[0].integer, let now = parts[1].integer else {
            throw RedisError(.protocolViolation, "the heartbeat was answered in an unknown way")
        }
        var lastSeen: [NodeID: Int64] = [:]
        for pair in parts[2].pairs ?? [] {
            if let node = pair.key.string.flatMap({ NodeID($0) }), let time = pair.value.double { lastSeen[node] = Int64(time) }
        }
        let ages = lastSeen.mapValues { Duration.milliseconds(now - $0) }
        return (watch.withLock { $0.heard(ages: ages, wasKnown: wasKnown == 1, now: uptime()) }, lastSeen)
    }

    private func sweep(_ node: NodeID, _ lastSeen: Int64, _ hooks: Hooks) async {
        do {
            // One node does it. Should it die meanwhile, another one does soon; twice does no harm.
            let key = StateKeys.sweep(node)
            let claim = try await client.send(RedisCommand("SET", .string(key), .string(id.rawValue), "NX", "PX", 5000, key: key))
            guard !claim.isNull, await hooks.sweep(node, lastSeen) else { return }
            _ = try await client.send(RedisCommand("ZREM", .string(StateKeys.nodes), .string(node.rawValue), key: StateKeys.nodes))
            counters.count(.sweptNode)
            logger.notice("a node has gone", metadata: ["node": "\(node)"])
        } catch {
            counters.count(.heartbeatFailure)
        }
    }
}
