import Foundation
import GatewayDomain
import Logging
import NIOCore
import RedisClient
import SocketIOCore

/// The bus of many gateways on one Redis, or on a Redis Cluster.
///
/// Publish/subscribe for what only matters while it is new, of the rooms that have members here; streams, read whole, for what must not be
/// lost. The node listens to itself to find out whether it hears anything, and catches up when it does again.
///
/// `@unchecked Sendable`: what changes is confined to the router's loop; messages arrive on the client's loop and hop there, in order.
public final class RedisBus: EventBus, TopicSource, @unchecked Sendable {
    let client: RedisClient
    let router: EventRouter
    let readiness: Readiness
    let logger: Logger
    let lastValues: LastValueReader
    private let publisher: RedisPublisher
    let settle: @Sendable (_ notified: [UserID]) async -> Void
    /// The age of events that clients from other nodes may still ask for; `nil` where none is kept.
    let backlog: Duration?
    private let rules: BusHealth.Rules
    private let probes: ProbeChannels

    // Confined to the router's loop.
    private var health: BusHealth
    private var timer: RepeatedTask?
    private var streams: StreamTail?
    private var malformed = LogThrottle()

    /// How often the clock is looked at.
    private static let tick = TimeAmount.milliseconds(250)
    /// The wait before something that has failed is tried again.
    static let pause = Duration.milliseconds(200)

    /// A bus that ends at `router`.
    ///
    /// - Parameters:
    ///   - client: A client that has been started.
    ///   - readiness: Is told when the node is deaf.
    ///   - settle: Waits until the notifications of these users have been kept and sent.
    ///   - backlog: The age of events that clients who were on other nodes may still ask for; `nil` where none is kept.
    init(
        client: RedisClient,
        router: EventRouter,
        readiness: Readiness,
        rules: BusHealth.Rules,
        logger: Logger,
        settle: @escaping @Sendable (_ notified: [UserID]) async -> Void,
        backlog: Duration?
    ) {
        self.client = client
        self.router = router
        self.readiness = readiness
        self.rules = rules
        self.logger = logger
        self.settle = settle
        self.backlog = backlog
        publisher = RedisPublisher(client: client)
        lastValues = LastValueReader(client: client)
        probes = ProbeChannels(node: UUID().uuidString.lowercased(), isCluster: client.isCluster)
        health = BusHealth(rules: rules, channels: probes.names.count, now: router.now)
    }

    // MARK: Publishing

    /// Publishes events in their order; returns when Redis has taken all of them.
    ///
    /// - Throws: ``BusError`` where it has not.
    public func publish(_ envelopes: [Envelope]) async throws {
        do { try await publisher.publish(envelopes) } catch {
            router.onLoop { self.router.remote?.statistics.publishFailures += 1 }
            throw error
        }
    }

    // MARK: Life

    /// Listens. Returns once Redis has confirmed what every node listens to.
    ///
    /// - Throws: ``BusError`` where it does not.
    func start() async throws {
        try await router.listen(to: self)
        client.subscriptions.onStateChange { [weak self] state in
            guard let self else { return }
            router.onLoop { self.changed(state) }
        }
        do {
            try await listen(BusName.simple, from: .simple)
            try await listen(BusName.alerts, from: .alerts)
            for (index, name) in probes.names.enumerated() {
                try await client.subscriptions.subscribe(name, kind: kind) { [weak self] _ in
                    guard let self else { return }
                    router.onLoop { self.heardItself(index) }
                }
            }
        } catch {
            throw BusError("the channels of the bus could not be subscribed to: \(error)")
        }
        let streams: StreamTail
        do { streams = try await startStreams() } catch { throw BusError("the streams of the bus cannot be read: \(error)") }
        try await router.eventLoop.submit { [self] in
            self.streams = streams
            health = BusHealth(rules: rules, channels: probes.names.count, now: router.now)
            timer = router.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tick) { [weak self] _ in
                guard let self else { return }
                apply(health.tick(now: router.now))
            }
        }.get()
    }

    /// Listens no more. The client is its owner's to shut down.
    func stop() async {
        let streams = try? await router.eventLoop.submit { [self] in
            timer?.cancel()
            timer = nil
            return self.streams
        }.get()
        await streams?.stop()
    }

    // MARK: Channels

    private var kind: RedisSubscriptions.Kind { client.isCluster ? .sharded : .channel }

    private func listen(_ channel: String, from origin: EventOrigin) async throws(RedisError) {
        try await client.subscriptions.subscribe(channel, kind: kind) { [weak self] message in
            self?.received(message.payload, from: origin)
        }
    }

    func subscribe(to topic: Topic) {
        Task { await hear(topic) }
    }

    /// Subscribes, and then asks for what was kept: of what was published in between nothing is missing in both.
    private func hear(_ topic: Topic) async {
        let origin: EventOrigin =
            switch topic {
            case .room(let room): .room(room)
            case .events(let type): .type(type)
            }
        while true {
            do {
                try await listen(topic.channel, from: origin)
                break
            } catch {
                guard await isWorthAnotherTry(error) else { return }
            }
        }
        while true {
            do {
                guard let generation = try await router.eventLoop.submit({ self.begin(topic) }).get() else { return }
                let last = try await fetch(topic)
                let isDone = try await router.eventLoop.submit { self.finish(topic, last, generation) }.get()
                if isDone { return }
            } catch {
                guard await isWorthAnotherTry(error) else { return }
            }
        }
    }

    /// On the router's loop. In which generation the last value of a topic is fetched; `nil` where that is done together with all others, once
    /// the node hears again: what is fetched before is not followed by what is heard.
    func begin(_ topic: Topic) -> UInt64? {
        router.eventLoop.assertInEventLoop()
        guard health.isWell else {
            router.interrupted(topic)
            return nil
        }
        router.willFetch(topic)
        return health.generation
    }

    /// On the router's loop. Returns whether what was fetched is still good; if not, ``begin(_:)`` is next.
    func finish(_ topic: Topic, _ last: LastValues, _ generation: UInt64) -> Bool {
        router.eventLoop.assertInEventLoop()
        guard health.isWell, generation == health.generation else { return false }
        router.subscribed(to: topic, last: last)
        return true
    }

    private func fetch(_ topic: Topic) async throws -> LastValues {
        guard case .room(let room) = topic else { return LastValues() }
        return try await lastValues.read([room])[room] ?? LastValues()
    }

    private func isWorthAnotherTry(_ error: any Error) async -> Bool {
        let code = (error as? RedisError)?.code
        if code == .shutDown { return false }
        // What Redis refuses, an operator may have to see to; that it is away is said elsewhere.
        logger.log(level: code == .reply ? .warning : .debug, "the bus did not answer; trying again", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: Self.pause)
        return true
    }

    func unsubscribe(from topic: Topic) {
        Task {
            await client.subscriptions.unsubscribe(topic.channel, kind: kind)
            router.onLoop { self.router.unsubscribed(from: topic) }
        }
    }

    // MARK: What comes

    /// Reads an envelope where it arrives, and hands it to the router.
    private func received(_ payload: ByteBuffer, from origin: EventOrigin) {
        let bytes = payload.readableBytes
        do throws(EnvelopeError) {
            let envelope = try Envelope(json: Array(payload.readableBytesView), naming: .heard(at: WallClock.milliseconds()))
            router.onLoop { [router] in router.receive(envelope, from: origin, bytes: bytes) }
        } catch {
            router.onLoop { self.refuse(error, from: origin, bytes: bytes) }
        }
    }

    /// On the router's loop.
    func refuse(_ error: EnvelopeError, from origin: EventOrigin, bytes: Int) {
        router.countMalformed(from: origin, bytes: bytes)
        guard let count = malformed.admit(now: router.now) else { return }
        logger.warning(
            "malformed envelopes on the bus were dropped",
            metadata: ["count": "\(count)", "way": "\(origin.kind?.rawValue ?? "")", "last": "\(error)"]
        )
    }

    // MARK: Health, on the router's loop

    func changed(_ state: RedisSubscriptions.State) {
        switch state {
        case .cut: apply(health.cut())
        case .live: apply(health.connected(now: router.now))
        }
    }

    private func heardItself(_ index: Int) {
        router.remote?.statistics.received[.probe, default: 0] += 1
        apply(health.heard(channel: index, now: router.now))
    }

    private func apply(_ actions: [BusHealth.Action]) {
        for action in actions {
            switch action {
            case .probe(let number):
                for name in probes.names {
                    client.submit(RedisCommand(client.isCluster ? "SPUBLISH" : "PUBLISH", "\(name)", "\(number)", key: name))
                }
            case .endEpochs: router.busWasCut()
            case .deaf(let since):
                readiness.setHearing(false)
                router.busIsDeaf(since: since)
                logger.error("the bus is not heard; clients are told that their values may be old")
            case .resynchronise(let generation):
                Task { await resynchronise(generation) }
            case .caughtUp(let deafFor):
                router.busIsHeard(deafFor: deafFor)
                readiness.setHearing(true)
                if let deafFor { logger.notice("the bus is heard again", metadata: ["deafFor": "\(deafFor)"]) }
            }
        }
    }

    /// Fetches the last values of all rooms that were heard before a cut, and shows them, until none is left.
    private func resynchronise(_ generation: UInt64) async {
        do {
            while true {
                let (topics, rooms) = try await router.eventLoop.submit { self.toFetch(generation) }.get()
                guard !topics.isEmpty else { return }
                let last = try await lastValues.read(rooms)
                let isCurrent = try await router.eventLoop.submit { [self] in
                    guard generation == health.generation else { return false }
                    router.resynchronised(topics, rooms, last)
                    return true
                }.get()
                guard isCurrent else { return }
            }
        } catch {
            guard await isWorthAnotherTry(error) else { return }
            router.onLoop { self.apply(self.health.resynchronisationFailed(generation, now: self.router.now)) }
        }
    }

    /// On the router's loop. The topics that are behind, and the rooms whose last values are to be fetched for that.
    func toFetch(_ generation: UInt64) -> (topics: [Topic], rooms: [Room]) {
        let topics = behind(generation)
        let owed = router.owed(by: topics)
        for room in owed { router.willFetch(.room(room)) }
        return (topics, topics.compactMap { if case .room(let room) = $0 { room } else { nil } } + owed)
    }

    /// On the router's loop. The topics whose last values are still to be fetched. Where there is none the node has caught up, in the same
    /// breath: a topic that is confirmed before is among them, and one that is confirmed later fetches for itself.
    func behind(_ generation: UInt64) -> [Topic] {
        router.eventLoop.assertInEventLoop()
        let topics = router.remote?.ledger.cutTopics ?? []
        if topics.isEmpty { apply(health.resynchronised(generation, now: router.now)) }
        topics.forEach(router.willFetch)
        return topics
    }
}
