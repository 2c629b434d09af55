import NIOCore
import RESP

/// The subscriptions of a client on its loop: which link each is on, who receives, and who waits.
///
/// `@unchecked Sendable`: confined to ``eventLoop``; methods assert that.
final class SubscriptionCore: SubscriptionLinkDelegate, @unchecked Sendable {
    typealias Key = SubscriptionLink.Registry.Key
    typealias Done = @Sendable (Result<Void, RedisError>) -> Void

    private struct Subscription {
        let receive: @Sendable (RedisMessage) -> Void
        var link: SubscriptionLink
    }

    let eventLoop: any EventLoop
    private let environment: ConnectionEnvironment
    private let client: ClientCore
    private var subscriptions: [Key: Subscription] = [:]
    private var links: [RedisAddress: SubscriptionLink] = [:]
    private var waiters: [Int: (done: Done, timer: Scheduled<Void>)] = [:]
    private var lastWaiter = 0
    private var observers: [@Sendable (RedisSubscriptions.State) -> Void] = []
    private var state = RedisSubscriptions.State.live
    private var isStopped = false
    /// What a node has refused because it has not, or not any more, the slot.
    private var misplaced: Set<Key> = []
    /// Has the cluster asked every now and then; `nil`: nothing has been subscribed yet.
    private var topologyTimer: RepeatedTask?
    /// Whether subscriptions go from one link to another: between the two they are on none, which is no state to tell.
    private var isPlacing = false

    init(_ environment: ConnectionEnvironment, _ client: ClientCore) {
        self.environment = environment
        self.eventLoop = environment.eventLoop
        self.client = client
    }

    func subscribe(_ key: Key, _ receive: @escaping @Sendable (RedisMessage) -> Void, _ done: @escaping Done) {
        eventLoop.assertInEventLoop()
        guard !isStopped else { return done(.failure(RedisError(.shutDown, "the client has been shut down"))) }
        guard subscriptions[key] == nil else {
            return done(.failure(RedisError(.configuration, "\(key.name) is subscribed already: end that subscription first")))
        }
        guard let address = client.address(for: key) else {
            let message = "there is no node to subscribe \(key.name) at: start() has to return first, and the cluster to have all slots"
            return done(.failure(RedisError(.configuration, message)))
        }
        observeTopology()
        let link = links[address] ?? makeLink(address)
        subscriptions[key] = Subscription(receive: receive, link: link)
        lastWaiter += 1
        let waiter = lastWaiter
        let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(environment.configuration.commandTimeout)) { [weak self] in
            guard let self, let waiting = self.waiters.removeValue(forKey: waiter) else { return }
            self.unsubscribe(key)
            waiting.done(.failure(RedisError(.timeout, "Redis has not confirmed the subscription of \(key.name) in time")))
        }
        waiters[waiter] = (
            { [weak self] result in
                if case .failure = result {
                    self?.subscriptions[key] = nil
                    self?.misplaced.remove(key)
                }
                done(result)
            }, timer
        )
        link.subscribe(key, [waiter])
    }

    private func makeLink(_ address: RedisAddress) -> SubscriptionLink {
        let link = SubscriptionLink(address, environment, delegate: self)
        links[address] = link
        link.start()
        return link
    }

    func unsubscribe(_ key: Key) {
        eventLoop.assertInEventLoop()
        guard let subscription = subscriptions.removeValue(forKey: key) else { return }
        let cancelled = RedisError(.shutDown, "the subscription of \(key.name) was ended before Redis confirmed it")
        misplaced.remove(key)
        link(subscription.link, finished: subscription.link.unsubscribe(key).waiters, .failure(cancelled))
    }

    func observe(_ change: @escaping @Sendable (RedisSubscriptions.State) -> Void) {
        eventLoop.assertInEventLoop()
        observers.append(change)
    }

    func stop() {
        eventLoop.assertInEventLoop()
        isStopped = true
        topologyTimer?.cancel()
        for link in links.values { link.stop() }
        links = [:]
        subscriptions = [:]
        for waiter in waiters.keys.sorted() { finish(waiter, .failure(RedisError(.shutDown, "the client has been shut down"))) }
        observers = []
    }

    // MARK: What the links say

    func link(_ link: SubscriptionLink, received message: RedisMessage, for key: Key) {
        subscriptions[key]?.receive(message)
    }

    func link(_ link: SubscriptionLink, finished waiters: [Int], _ result: Result<Void, RedisError>) {
        for waiter in waiters { finish(waiter, result) }
    }

    private func finish(_ waiter: Int, _ result: Result<Void, RedisError>) {
        guard let (done, timer) = waiters.removeValue(forKey: waiter) else { return }
        timer.cancel()
        done(result)
    }

    func link(_ link: SubscriptionLink, moved keys: [Key], to owner: RedisAddress?) {
        misplaced.formUnion(keys.filter { subscriptions[$0]?.link === link })
        client.refreshTopology(asking: owner)
    }

    func linkUnreachable(_ link: SubscriptionLink) {
        // Another node may stand for it now: what is not bound to a slot goes to any that can be reached.
        client.refreshTopology()
    }

    /// What is not sharded meets no `MOVED`: only who asks learns that its node, which goes on answering, has left the cluster.
    private func observeTopology() {
        guard topologyTimer == nil else { return }
        client.onTopology { [weak self] in self?.placeAnew() }
        let interval = TimeAmount(environment.configuration.pingInterval)
        topologyTimer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            self?.client.refreshTopology()
        }
    }

    /// The cluster was asked who has which slots: what is at the wrong node goes to the right one.
    private func placeAnew() {
        isPlacing = true
        let nodes = Set(client.nodes)
        for (key, subscription) in subscriptions {
            let current = subscription.link
            // A channel that is not sharded is at home at any node, as long as that can be reached and is one of the cluster.
            let isAtHome = key.kind != .sharded && current.isReady && nodes.contains(current.address)
            guard misplaced.contains(key) || !isAtHome, let address = client.address(for: key),
                misplaced.remove(key) != nil || address != current.address
            else { continue }
            let next = links[address] ?? makeLink(address)
            let (waiters, wasConfirmed) = current.unsubscribe(key)
            subscriptions[key]?.link = next
            next.subscribe(key, waiters, wasConfirmed: wasConfirmed)
        }
        for (address, link) in links where link.registry.isEmpty {
            links[address] = nil
            link.stop()
        }
        isPlacing = false
        // A slot that nobody has: it may get an owner.
        if !misplaced.isEmpty { client.refreshTopology() }
        tellState()
    }

    func linkStateChanged(_ link: SubscriptionLink) { tellState() }

    private func tellState() {
        guard !isPlacing else { return }
        let isCut = links.values.contains { !$0.registry.isIntact }
        let now = isCut ? RedisSubscriptions.State.cut : .live
        guard now != state else { return }
        state = now
        for observer in observers { observer(now) }
    }
}
