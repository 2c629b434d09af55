import Logging
import NIOCore
import RESP
import Synchronization

/// What a client does on its loop: it finds out what it speaks to, and hands each command to the link it is for.
///
/// `@unchecked Sendable`: but for the atomics everything is confined to the loop of `environment`; methods assert that.
final class ClientCore: CommandLinkDelegate, @unchecked Sendable {
    typealias StartResult = Result<Void, RedisError>

    private enum State {
        case idle
        case starting(CommandLink, seed: Int, done: (StartResult) -> Void)
        case single(CommandLink)
        case cluster(ClusterLinks)
        case stopped
    }

    let isCluster = Atomic<Bool>(false)
    /// See ``RedisClient/interruptions``.
    let interruptions = Atomic<Int>(0)
    private let environment: ConnectionEnvironment
    let limit: QueueLimit
    private var state = State.idle
    private var startTimer: Scheduled<Void>?
    private var seedTimer: Scheduled<Void>?
    private var lastError: RedisError?
    private var topologyObservers: [() -> Void] = []
    private var deferred = DeferredRequests()

    init(_ environment: ConnectionEnvironment, _ limit: QueueLimit) {
        self.environment = environment
        self.limit = limit
    }

    // MARK: Beginning and end

    /// Connects to the first server that answers. `done` is called once, on the loop.
    func start(_ done: @escaping (StartResult) -> Void) {
        environment.eventLoop.assertInEventLoop()
        guard case .idle = state else {
            return done(.failure(RedisError(.configuration, "start() is called once")))
        }
        guard !environment.configuration.addresses.isEmpty else {
            return done(.failure(RedisError(.configuration, "the settings name no Redis server")))
        }
        startTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(environment.configuration.connectTimeout)) {
            self.startFailed(self.lastError ?? RedisError(.timeout, "Redis did not answer in time: check the address"))
        }
        trySeed(0, done)
    }

    private func trySeed(_ seed: Int, _ done: @escaping (StartResult) -> Void) {
        let addresses = environment.configuration.addresses
        let link = CommandLink(addresses[seed % addresses.count], environment, delegate: self)
        state = .starting(link, seed: seed, done: done)
        link.start()
        guard addresses.count > 1 else { return }
        // One that is silent leaves time for the others.
        let share = TimeAmount(environment.configuration.connectTimeout / min(addresses.count, Self.mostShares))
        seedTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: share) {
            self.seedFailed(link, self.lastError ?? RedisError(.timeout, "Redis at \(link.address) did not answer in time"))
        }
    }

    private static let mostShares = 8

    /// The next is tried; after a whole round in a while.
    private func seedFailed(_ link: CommandLink, _ error: RedisError) {
        guard isStarting(link), case .starting(_, let seed, let done) = state else { return }
        lastError = error
        seedTimer?.cancel()
        link.stop(error)
        guard (seed + 1) % environment.configuration.addresses.count == 0 else { return trySeed(seed + 1, done) }
        environment.eventLoop.assumeIsolated().scheduleTask(in: Self.retryWait) {
            if self.isStarting(link) { self.trySeed(seed + 1, done) }
        }
    }

    private func startFailed(_ error: RedisError) {
        guard case .starting(let link, _, let done) = state else { return }
        state = .idle
        startTimer?.cancel()
        seedTimer?.cancel()
        link.stop(error)
        done(.failure(error))
    }

    private func started(_ next: State) {
        guard case .starting(_, _, let done) = state else { return }
        startTimer?.cancel()
        seedTimer?.cancel()
        state = next
        done(.success(()))
    }

    /// Ends: what waits fails.
    func stop() {
        environment.eventLoop.assertInEventLoop()
        let last = state
        state = .stopped
        startTimer?.cancel()
        seedTimer?.cancel()
        topologyObservers = []
        for request in deferred.removeAll() { finish(request, .failure(Self.shutDown)) }
        switch last {
        case .single(let link): link.stop(Self.shutDown)
        case .cluster(let links): links.stop(Self.shutDown)
        case .starting(let link, _, let done):
            link.stop(Self.shutDown)
            done(.failure(Self.shutDown))
        case .idle, .stopped: break
        }
    }

    private static let shutDown = RedisError(.shutDown, "the client has been shut down")

    // MARK: Where subscriptions go

    /// The server, or the node of a cluster, that a subscription goes to; `nil` before the start, after the end, and where nobody has the slot.
    func address(for key: SubscriptionLink.Registry.Key) -> RedisAddress? {
        environment.eventLoop.assertInEventLoop()
        return switch state {
        case .single(let link): link.address
        case .cluster(let links): key.kind == .sharded ? links.master(of: HashSlot(of: key.name)) : links.anyAddress
        case .idle, .starting, .stopped: nil
        }
    }

    /// The nodes with slots; one that has no address where it is no cluster.
    var nodes: [RedisAddress?] {
        environment.eventLoop.assertInEventLoop()
        return if case .cluster(let links) = state { links.nodes } else { [nil] }
    }

    /// Where another client finds the servers, best first.
    var seeds: [RedisAddress] {
        environment.eventLoop.assertInEventLoop()
        let known: [RedisAddress] =
            switch state {
            case .single(let link): [link.address]
            case .cluster(let links): links.seeds
            case .idle, .starting, .stopped: []
            }
        return known + environment.configuration.addresses.filter { !known.contains($0) }
    }

    /// Calls `changed` whenever the cluster has been asked who has which slots.
    func onTopology(_ changed: @escaping () -> Void) {
        environment.eventLoop.assertInEventLoop()
        topologyObservers.append(changed)
    }

    /// Has the cluster asked again: this node, where it can be reached.
    func refreshTopology(asking node: RedisAddress? = nil) {
        if case .cluster(let links) = state { links.refresh(asking: node) }
    }

    func topologyRefreshed() {
        for observer in topologyObservers { observer() }
    }

    // MARK: Commands

    func send(_ request: RedisRequest) {
        environment.eventLoop.assertInEventLoop()
        if !deferred.isEmpty {
            switch deferred.hold(request, in: lane(of: request)) {
            case .free: break
            case .held: return
            case .late(let error): return finish(request, .failure(error))
            }
        }
        switch state {
        case .single(let link): link.send(request)
        case .cluster(let links): links.send(request)
        case .stopped: finish(request, .failure(Self.shutDown))
        case .idle, .starting: finish(request, .failure(RedisError(.configuration, "start() has to be called, and to return, first")))
        }
    }

    func finish(_ request: RedisRequest, _ result: Result<RESPValue, RedisError>) {
        limit.give(request.size)
        request.done?(result)
    }

    /// Sends a command that has not been carried out again, after a while, and before later ones for the same place.
    func sendLater(_ request: RedisRequest, _ error: RedisError) {
        let lane = lane(of: request)
        let known = deferred.time(of: lane)
        let later = known ?? environment.eventLoop.now + Self.retryWait
        guard later < request.deadline else { return finish(request, .failure(error)) }
        deferred.putOff(request, in: lane, until: later, error)
        guard known == nil else { return }
        environment.eventLoop.assumeIsolated().scheduleTask(deadline: later) {
            for request in self.deferred.release(lane) { self.send(request) }
        }
    }

    private func lane(of request: RedisRequest) -> DeferredRequests.Lane {
        guard case .cluster = state else { return .server }
        if let node = request.node { return .node(node) }
        return request.command.key.map { .slot(HashSlot(of: $0)) } ?? .anyNode
    }

    private static let retryWait = TimeAmount.milliseconds(100)

    // MARK: The first link, and the only one of a server that is no cluster

    func linkReady(_ link: CommandLink, _ greeting: ConnectionHandshake.Greeting) {
        guard isStarting(link) else { return }
        if let isCluster = environment.configuration.isCluster ?? greeting.isCluster {
            isCluster ? askForSlots() : started(.single(link))
        } else {
            // Version 2 does not say it in its greeting.
            ask(RedisCommand("INFO", "cluster")) { core, link, result in
                // Cut, or late: nothing is known, and another is tried.
                if case .failure(let error) = result, error.reply == nil { return core.lastError = error }
                let isCluster = (try? result.get().string?.contains("cluster_enabled:1")) ?? false
                isCluster ? core.askForSlots() : core.started(.single(link))
            }
        }
    }

    private func askForSlots() {
        ask(ClusterLinks.slots) { core, link, result in
            switch result.map({ ClusterTopology(slots: $0, asked: link.address) }) {
            case .success(let topology?):
                core.isCluster.store(true, ordering: .relaxed)
                core.started(.cluster(ClusterLinks(topology, core.environment, core: core)))
                link.stop(Self.shutDown)
            case .success(nil):
                // A cluster that is being made: it has slots soon.
                core.environment.eventLoop.assumeIsolated().scheduleTask(in: Self.retryWait) {
                    if core.isStarting(link) { core.askForSlots() }
                }
            case .failure(let error):
                core.lastError = error
                if error.code == .reply {
                    core.startFailed(RedisError(.configuration, "the Redis server is no node of a cluster", reply: error.reply))
                }
            }
        }
    }

    /// Asks the server that is tried, again and again while it reads its files. `done` is not called where another is tried meanwhile.
    private func ask(
        _ command: RedisCommand,
        _ done: @escaping @Sendable (ClientCore, CommandLink, Result<RESPValue, RedisError>) -> Void
    ) {
        guard case .starting(let link, let seed, _) = state else { return }
        let deadline = environment.eventLoop.now + TimeAmount(environment.configuration.commandTimeout)
        let request = RedisRequest(command, deadline: deadline) { [weak self] result in
            guard let self, case .starting(let link, seed, _) = self.state else { return }
            guard case .failure(let error) = result, error.reply?.code == "LOADING" else { return done(self, link, result) }
            self.lastError = error
            self.environment.eventLoop.assumeIsolated().scheduleTask(in: Self.retryWait) {
                if self.isStarting(link) { self.ask(command, done) }
            }
        }
        limit.reserve(request.size)
        link.send(request)
    }

    func link(_ link: CommandLink, completed request: RedisRequest, _ result: Result<RESPValue, RedisError>) {
        // A server that reads its files at its start has not carried the command out.
        if case .failure(let error) = result, error.reply?.code == "LOADING", !isStarting(link) { return sendLater(request, error) }
        finish(request, result)
    }

    func linkCut(_ link: CommandLink, _ error: RedisError, wasReady: Bool) {
        if wasReady { interrupted() }
        guard isStarting(link) else { return }
        lastError = error
        if error.code == .configuration {
            startFailed(error)
        } else if environment.configuration.addresses.count > 1 {
            seedFailed(link, error)
        }
    }

    /// What is sent from here on may be answered by a server that does not hold what the last one held.
    func interrupted() { interruptions.add(1, ordering: .releasing) }

    private func isStarting(_ link: CommandLink) -> Bool {
        if case .starting(let current, _, _) = state { current === link } else { false }
    }
}
