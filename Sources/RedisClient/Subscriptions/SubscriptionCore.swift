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
        let link: SubscriptionLink
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
        guard let address = client.address else {
            return done(.failure(RedisError(.configuration, "start() has to be called, and to return, first")))
        }
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
                if case .failure = result { self?.subscriptions[key] = nil }
                done(result)
            }, timer
        )
        link.subscribe(key, waiter)
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
        link(subscription.link, finished: subscription.link.unsubscribe(key), .failure(cancelled))
    }

    func observe(_ change: @escaping @Sendable (RedisSubscriptions.State) -> Void) {
        eventLoop.assertInEventLoop()
        observers.append(change)
    }

    func stop() {
        eventLoop.assertInEventLoop()
        isStopped = true
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

    func link(_ link: SubscriptionLink, moved key: Key) {}

    func linkUnreachable(_ link: SubscriptionLink) {}

    func linkStateChanged(_ link: SubscriptionLink) {
        let isCut = links.values.contains { !$0.registry.isIntact }
        let now = isCut ? RedisSubscriptions.State.cut : .live
        guard now != state else { return }
        state = now
        for observer in observers { observer(now) }
    }
}
