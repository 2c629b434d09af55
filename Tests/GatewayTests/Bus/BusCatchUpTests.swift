import GatewayDomain
import Logging
import NIOCore
import RedisClient
import Testing

@testable import Gateway

/// The steps of a bus on the router's loop, in the orders in which its tasks may bring them. There is no Redis.
@Suite("Catching up with the bus", .timeLimit(.minutes(1)))
struct BusCatchUpTests {
    private static let room = "price:BTC-USDC"
    /// Of the first cut.
    private static let generation: UInt64 = 1

    /// Runs `body` on the loop, with a topic that somebody here has just asked for.
    private func run(_ body: @escaping @Sendable (RedisBus, Topic, _ state: () -> TopicLedger.State?) -> Void) async throws {
        try await TestGateway.run { gateway in
            _ = try await StubBus.attach(to: gateway)
            let (router, logger) = (gateway.server.router, Logger(label: "test"))
            let topic = Topic.room(try #require(Room(name: Self.room)))
            let configuration = try RedisConfiguration(url: "redis://127.0.0.1:1")
            let client = try RedisClient(configuration: configuration, group: router.eventLoop, logger: logger)
            let bus = RedisBus(
                client: client,
                router: router,
                readiness: Readiness(),
                rules: BusHealth.Rules(),
                logger: logger,
                settle: { _ in },
                backlog: nil
            )
            try await router.eventLoop.submit {
                router.hold([topic])
                body(bus, topic) { router.remote?.ledger.state(of: topic) }
            }.get()
            await client.shutdown()
        }
    }

    @Test func aTopicThatIsConfirmedWhenNoneIsLeftToFetchIsLive() async throws {
        try await run { bus, topic, state in
            bus.changed(.cut)
            bus.changed(.live)
            #expect(bus.behind(Self.generation) == [])
            #expect(bus.begin(topic) == Self.generation)
            #expect(bus.finish(topic, LastValues(), Self.generation))
            #expect(state() == .live)
        }
    }

    @Test func aTopicThatIsConfirmedBeforeIsFetchedWithAllOthers() async throws {
        try await run { bus, topic, state in
            bus.changed(.cut)
            // What was kept is not read yet: the node would not hear what comes after it.
            #expect(bus.begin(topic) == nil)
            #expect(state() == .cut)
            bus.changed(.live)
            #expect(bus.behind(Self.generation) == [topic])
        }
    }

    @Test func whatWasFetchedBeforeACutIsFetchedAgain() async throws {
        try await run { bus, topic, state in
            let before = bus.begin(topic)
            bus.changed(.cut)
            #expect(!bus.finish(topic, LastValues(), before ?? 0))
            bus.changed(.live)
            #expect(bus.behind(Self.generation) == [])
            #expect(!bus.finish(topic, LastValues(), before ?? 0))
            #expect(bus.begin(topic) == Self.generation)
            #expect(state() == .subscribing)
        }
    }
}
