import Logging
import NIOCore
import RESP

/// The links to the nodes of a cluster: each command goes to the node that has its key, follows redirections, and who has which slots is
/// asked again when a node says that it has changed, or cannot be reached.
///
/// Confined to the loop of its environment.
final class ClusterLinks: CommandLinkDelegate {
    static let slots = RedisCommand("CLUSTER", "SLOTS")

    private let environment: ConnectionEnvironment
    private unowned let core: ClientCore
    private var topology: ClusterTopology
    private var links: [RedisAddress: CommandLink] = [:]
    private var isRefreshing = false
    /// Whether a refresh was asked for during the last: its answer may be from before the change.
    private var isStale = false
    /// Whom the next refresh asks, where it can be reached.
    private var informed: RedisAddress?
    private var refreshTimer: Scheduled<Void>?
    private var isStopped = false
    /// Clients differ in the node that they take where any will do.
    private let choice = Int.random(in: 0..<HashSlot.count)

    init(_ topology: ClusterTopology, _ environment: ConnectionEnvironment, core: ClientCore) {
        self.environment = environment
        self.core = core
        self.topology = topology
        for address in topology.masters { _ = link(to: address) }
    }

    func stop(_ error: RedisError) {
        isStopped = true
        refreshTimer?.cancel()
        for link in links.values { link.stop(error) }
        links = [:]
    }

    var nodes: [RedisAddress] { topology.masters }

    /// The same, those first that can be reached.
    var seeds: [RedisAddress] {
        let isReady = { (address: RedisAddress) in self.links[address]?.isReady == true }
        return topology.masters.filter(isReady) + topology.masters.filter { !isReady($0) }
    }

    func master(of slot: HashSlot) -> RedisAddress? { topology.master(of: slot) }

    /// A node that can be reached, the same as long as it can.
    var anyAddress: RedisAddress? {
        let masters = topology.masters
        guard !masters.isEmpty else { return environment.configuration.addresses.first }
        let turned = masters.indices.map { masters[($0 + choice) % masters.count] }
        return turned.first { links[$0]?.isReady == true } ?? turned.first
    }

    private func link(to address: RedisAddress) -> CommandLink {
        if let link = links[address] { return link }
        let link = CommandLink(address, environment, delegate: self)
        links[address] = link
        link.start()
        return link
    }

    // MARK: Commands

    func send(_ request: RedisRequest) {
        let address: RedisAddress? =
            if let node = request.node {
                node
            } else if let key = request.command.key {
                topology.master(of: HashSlot(of: key))
            } else {
                anyAddress
            }
        guard let address else {
            refresh()
            let error = RedisError(.redirection, "no node of the cluster has the slot of \(request.command.name): check its state")
            return core.sendLater(request, error)
        }
        link(to: address).send(request)
    }

    func link(_ link: CommandLink, completed request: RedisRequest, _ result: Result<RESPValue, RedisError>) {
        guard case .failure(let error) = result else { return core.finish(request, result) }
        guard let reply = error.reply, let redirection = Redirection(reply, asked: link.address) else {
            // A node that does not answer may have been replaced.
            if error.code == .timeout { refresh() }
            return core.finish(request, result)
        }
        var request = request
        request.redirections += 1
        request.isAsking = false
        if request.redirections > environment.configuration.maximumRedirections, redirection != .later {
            let message = "the cluster sent \(request.command.name) on more than \(environment.configuration.maximumRedirections) times"
            return core.finish(request, .failure(RedisError(.redirection, message, reply: reply)))
        }
        switch redirection {
        case .moved(let slot, let address):
            topology.moved(slot, to: address)
            core.interrupted()
            refresh(asking: address)
            self.link(to: address).send(request)
        case .ask(let address):
            request.isAsking = true
            self.link(to: address).send(request)
        case .later:
            refresh()
            core.sendLater(request, error)
        }
    }

    func linkReady(_ link: CommandLink, _ greeting: ConnectionHandshake.Greeting) {}

    func linkCut(_ link: CommandLink, _ error: RedisError, wasReady: Bool) {
        if wasReady { core.interrupted() }
        environment.logger.debug("a node of the cluster cannot be reached", metadata: ["redis": "\(link.address)", "error": "\(error)"])
        refresh()
    }

    // MARK: Who has which slots

    /// Asks a node that can be reached; once at a time, and again while one with slots cannot be reached.
    ///
    /// - Parameter node: Where there is one that knows better than others, such as the new owner of a slot.
    func refresh(asking node: RedisAddress? = nil) {
        guard !isStopped else { return }
        guard !isRefreshing else {
            isStale = true
            informed = node ?? informed
            return
        }
        let ready = links.values.filter(\.isReady).sorted { "\($0.address)" < "\($1.address)" }
        let best = (node ?? informed).map { self.link(to: $0) }.flatMap { $0.isReady ? $0 : nil }
        guard
            let link = best ?? ready.randomElement() ?? environment.configuration.addresses.randomElement().map({ self.link(to: $0) })
        else { return }
        (isRefreshing, isStale, informed) = (true, false, nil)
        let deadline = environment.eventLoop.now + Self.refreshTimeout
        let bound = NIOLoopBound(self, eventLoop: environment.eventLoop)
        let request = RedisRequest(Self.slots, deadline: deadline) { [address = link.address] result in
            bound.value.refreshed((try? result.get()).flatMap { ClusterTopology(slots: $0, asked: address) })
        }
        core.limit.reserve(request.size)
        link.send(request)
    }

    private static let refreshTimeout = TimeAmount.seconds(1)
    private static let refreshInterval = TimeAmount.milliseconds(100)

    private func refreshed(_ new: ClusterTopology?) {
        guard !isStopped else { return }
        if let new {
            if new != topology { core.interrupted() }
            topology = new
            for address in new.masters { _ = link(to: address) }
            dropLinks()
        } else {
            isStale = true
        }
        core.topologyRefreshed()
        // The next no sooner than in a while, and of itself where one was asked for meanwhile, and as long as something is amiss.
        refreshTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: Self.refreshInterval) { [weak self] in
            guard let self else { return }
            self.isRefreshing = false
            if self.isStale || !self.topology.masters.allSatisfy({ self.links[$0]?.isReady == true }) { self.refresh() }
        }
    }

    /// What waits for nodes that cannot be reached goes where its keys are now; links to nodes without slots end when nothing is under way.
    private func dropLinks() {
        for (address, link) in links {
            if !link.isReady {
                for request in link.takeWaiting() { send(request) }
            }
            if !topology.masters.contains(address), link.isIdle {
                links[address] = nil
                link.stop(RedisError(.connection, "\(address) has no slots any more"))
            }
        }
    }
}
