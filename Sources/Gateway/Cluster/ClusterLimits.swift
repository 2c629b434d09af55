import GatewayDomain
import Logging
import NIOCore
import RESP
import RedisClient
import Store
import Synchronization

/// The limits that all nodes enforce together: connections of a user and of an address, attempts to connect of an address, events of a user.
///
/// Connections and attempts are counted in Redis, one step each at a handshake, so they are exact while Redis answers and nodes live. Events
/// are counted by each node for itself; what a user sends over a node is told to the others each second in steps of 20, so a user of several
/// nodes may be ahead by about a second's worth. Where Redis does not answer, what each node counts for itself is what holds.
final class ClusterLimits: Sendable {
    let tally = UsageTally()
    private let client: RedisClient
    private let node: ClusterNode
    private let limits: GatewayLimits
    private let counters: GatewayCounters
    private let now: @Sendable () -> Int64
    /// How long a handshake waits for Redis.
    private static let patience = Duration.seconds(1)
    /// How many connections of this node are counted in Redis, by subject.
    private let held = Mutex<[String: Int]>([:])

    init(client: RedisClient, node: ClusterNode, limits: GatewayLimits, counters: GatewayCounters, now: @escaping @Sendable () -> Int64) {
        self.client = client
        self.node = node
        self.limits = limits
        self.counters = counters
        self.now = now
    }

    // MARK: Handshakes

    /// An attempt to connect.
    func attempt(from address: String) async -> TokenBucket.Decision {
        let rule = limits.handshakes
        let wait = await run(LimitScripts.attempt, StateKeys.handshakes(address), ["\(rule.rate)", "\(rule.burst)"])?.integer ?? 0
        return wait > 0 ? .refused(retryAfter: .milliseconds(wait)) : .allowed
    }

    /// `nil` where Redis does not answer: this node's own limits are what holds then.
    private func run(_ script: RedisScript, _ key: String, _ arguments: [RedisArgument]) async -> RESPValue? {
        if node.isReachable {
            let answer = try? await client.run(script, keys: [key], arguments: arguments, timeout: Self.patience)
            if let answer { return answer }
        }
        counters.count(.limitFallback)
        return nil
    }

    /// Counts one connection until the lease is gone.
    func acquire(userID: UserID?, address: String) async throws(GatewayError) -> ClusterLease {
        let lease = ClusterLease(limits: self)
        if let userID {
            let isFree = await take("user:\(userID)", limit: limits.connectionsPerUser, lease)
            guard isFree else { throw refusal(.userConnections, "this user has \(limits.connectionsPerUser) connections already") }
        }
        guard await take("address:\(address)", limit: limits.connectionsPerAddress, lease) else {
            throw refusal(.addressConnections, "this address has \(limits.connectionsPerAddress) connections already")
        }
        return lease
    }

    private func refusal(_ limit: ClientLimit, _ message: String) -> GatewayError {
        counters.count(limit)
        return GatewayError(.connectionLimit, message, retryAfter: 5)
    }

    private func take(_ subject: String, limit: Int, _ lease: ClusterLease) async -> Bool {
        let nodes: [RedisArgument] = node.live.map { .string($0.rawValue) }
        let arguments: [RedisArgument] = [.string(node.id.rawValue), .integer(limit), "\(now())"]
        let answer = await run(LimitScripts.acquire, StateKeys.connections(subject), arguments + nodes)
        guard answer?.integer != 0 else { return false }
        // Where Redis did not answer it is counted all the same, and told later.
        held.withLock { $0[subject, default: 0] += 1 }
        lease.add(subject)
        return true
    }

    fileprivate func release(_ subjects: [String]) {
        for subject in subjects {
            held.withLock { held in
                let count = (held[subject] ?? 1) - 1
                held[subject] = count > 0 ? count : nil
            }
            Task { _ = await run(LimitScripts.release, StateKeys.connections(subject), [.string(node.id.rawValue)]) }
        }
    }

    /// Tells Redis anew of all connections here. One that begins or ends meanwhile may be counted wrong until the next time.
    func rejoin() async {
        for (subject, count) in held.withLock({ $0 }) {
            let arguments: [RedisArgument] = [.string(node.id.rawValue), .integer(count)]
            _ = await run(LimitScripts.restate, StateKeys.connections(subject), arguments)
        }
    }

    // MARK: Events

    /// Begins to hear how many events users have sent over other nodes.
    ///
    /// - Throws: `RedisError`.
    func start(_ spend: @escaping @Sendable (UserID, Int) -> Void) async throws {
        try await client.subscriptions.subscribe(StateKeys.usage, kind: .channel) { [node, counters] message in
            guard let notice = UsageNotice(message.payload) else { return counters.count(.malformed) }
            guard notice.node != node.id else { return }
            for (user, count) in notice.events { spend(user, count) }
        }
    }

    /// Tells the other nodes what users have sent over this one. Each second.
    func share() {
        for notice in UsageNotice.notices(node: node.id, events: tally.take()) {
            client.submit(RedisCommand("PUBLISH", .string(StateKeys.usage), .string(notice.text))) { [counters] result in
                if case .failure = result { counters.count(.limitFallback) }
            }
        }
    }
}

/// One connection that all nodes count; it is given back when nobody holds the lease any more, whichever way the connection ended.
final class ClusterLease: Sendable {
    private let limits: ClusterLimits
    private let subjects = Mutex<[String]>([])

    fileprivate init(limits: ClusterLimits) {
        self.limits = limits
    }

    fileprivate func add(_ subject: String) { subjects.withLock { $0.append(subject) } }

    deinit {
        limits.release(subjects.withLock { $0 })
    }
}
