import GatewayDomain
import Logging
import NIOCore
import RESP
import RedisClient
import Store
import Synchronization

/// The limits that all nodes enforce together: connections of a user and of an address, attempts to connect of an address, events and
/// bytes of chat of a user.
///
/// Connections and attempts are counted in Redis, one step each at a handshake, so they are exact while Redis answers and nodes live. Events
/// and bytes are counted by each node for itself; what a user sends over a node is told to the others each second in steps, so a user of
/// several nodes may be ahead by about a second's worth. Where Redis does not answer, what each node counts for itself is what holds.
final class ClusterLimits: Sendable {
    /// Takes what users have sent over other nodes.
    struct Spending: Sendable {
        let events: @Sendable (UserID, Int) -> Void
        let chatBytes: @Sendable (UserID, Int) -> Void
    }

    let events = UsageTally(step: 20)
    let chatBytes = UsageTally(step: 4_000)
    private let client: RedisClient
    private let node: ClusterNode
    private let limits: GatewayLimits
    private let counters: GatewayCounters
    private let now: @Sendable () -> Int64
    /// How long a handshake waits for Redis.
    private static let patience = Duration.seconds(1)
    private let held = Mutex(HeldConnections())
    private let isTelling = Atomic(false)
    /// How many numbers are told at once.
    private static let tellAtOnce = 256

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
        held.withLock { $0.begin(subject) }
        let answer = await run(LimitScripts.acquire, StateKeys.connections(subject), arguments + nodes)
        // Where Redis did not answer it is counted all the same, and told later.
        let isFree = answer?.integer != 0
        end(subject, change: isFree ? 1 : 0, isAnswered: answer != nil)
        if isFree { lease.add(subject) }
        return isFree
    }

    private func end(_ subject: String, change: Int = 0, isAnswered: Bool) {
        let isRemembered = held.withLock { $0.end(subject, change: change, isAnswered: isAnswered) }
        if !isRemembered { counters.count(.limitForgotten) }
    }

    fileprivate func release(_ subjects: [String]) {
        for subject in subjects {
            held.withLock { $0.begin(subject, change: -1) }
            Task {
                let answer = await run(LimitScripts.release, StateKeys.connections(subject), [.string(node.id.rawValue)])
                end(subject, isAnswered: answer != nil)
            }
        }
    }

    /// Tells Redis anew of all connections here.
    func rejoin() async {
        held.withLock { $0.doubtAll() }
        await settle()
    }

    /// Tells Redis of what it may not know. To be called now and then; does not wait.
    func tend() {
        if doubtful > 0, node.isReachable { Task { await settle() } }
    }

    /// How many users and addresses there are of which Redis may have another number of connections.
    var doubtful: Int { held.withLock { $0.doubtful.count } }

    /// One at a time; what is in doubt afterwards is for the next.
    private func settle() async {
        guard !isTelling.exchange(true, ordering: .acquiring) else { return }
        defer { isTelling.store(false, ordering: .releasing) }
        let subjects = Array(held.withLock { $0.doubtful })
        for start in stride(from: 0, to: subjects.count, by: Self.tellAtOnce) {
            let areTold = await withTaskGroup(of: Bool.self) { group in
                for subject in subjects[start..<min(start + Self.tellAtOnce, subjects.count)] { group.addTask { await self.tell(subject) } }
                return await group.reduce(true) { $0 && $1 }
            }
            guard areTold else { return }
        }
    }

    private func tell(_ subject: String) async -> Bool {
        let number = held.withLock { $0.number(toTell: subject) }
        let arguments: [RedisArgument] = [.string(node.id.rawValue), .integer(number)]
        guard await run(LimitScripts.restate, StateKeys.connections(subject), arguments) != nil else { return false }
        held.withLock { $0.told(subject, number) }
        return true
    }

    // MARK: Events and bytes of chat

    /// Begins to hear what users have sent over other nodes.
    ///
    /// - Throws: `RedisError`.
    func start(_ spending: Spending) async throws {
        try await hear(StateKeys.usage, spending.events)
        try await hear(StateKeys.chatUsage, spending.chatBytes)
    }

    private func hear(_ channel: String, _ spend: @escaping @Sendable (UserID, Int) -> Void) async throws {
        try await client.subscriptions.subscribe(channel, kind: .channel) { [node, counters] message in
            guard let notice = UsageNotice(message.payload) else { return counters.count(.malformed) }
            guard notice.node != node.id else { return }
            for (user, count) in notice.counts { spend(user, count) }
        }
    }

    /// Tells the other nodes what users have sent over this one. Each second.
    func share() {
        share(events, over: StateKeys.usage)
        share(chatBytes, over: StateKeys.chatUsage)
    }

    private func share(_ tally: UsageTally, over channel: String) {
        for notice in UsageNotice.notices(node: node.id, counts: tally.take()) {
            client.submit(RedisCommand("PUBLISH", .string(channel), .string(notice.text))) { [counters] result in
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
