import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

/// `feed_live` is not kept for clients that are away: who comes back must not believe for ever that a feed is stale.
@Suite("Connection state recovery: feeds", .timeLimit(.minutes(1)))
struct FeedRecoveryTests {
    private static let room = "price:BTC-USDC"

    /// A client that has asked for `topic` by an event, on a bus that has confirmed it with what was kept.
    private func run(
        _ topic: String,
        _ name: String,
        _ payload: String,
        last: [String] = [],
        _ body: (TestGateway, StubBus, SocketIOClient) async throws -> Void
    ) async throws {
        try await TestGateway.run({ $0.router.feedTimeout = .seconds(3600) }) { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            async let answer = client.ask(name, payload)
            try await bus.expect(["+\(topic)"])
            try await bus.confirm(topic, last: last)
            _ = try await answer
            _ = try await client.event(nil, within: .seconds(30))
            try await body(gateway, bus, client)
        }
    }

    private func comeBack(_ gateway: TestGateway, _ recovery: SocketIORecovery) async throws -> SocketIOClient {
        let again = try await gateway.comeBack(recovery)
        #expect(again.session.recovered)
        _ = try await again.next("connected")
        _ = try await again.next("authenticated")
        return again
    }

    private func price(_ number: Int) -> String { #"{"type":"price_update","symbol":"BTC-USDC","data":{"n":\#(number)}}"# }

    @Test(arguments: [
        ("price:BTC-USDC", "join_room", #"{"room":"price:BTC-USDC"}"#), ("type:price_update", "subscribe", #"{"types":["price_updates"]}"#),
    ])
    func whoWasToldThatAFeedIsStaleIsToldThatItLives(_ topic: String, _ name: String, _ payload: String) async throws {
        try await run(topic, name, payload) { gateway, bus, client in
            try await bus.bring(price(1), by: topic)
            _ = try await client.next("price_update")
            try await bus.deaf()
            _ = try await client.next("feed_stale")
            let recovery = try await gateway.lose(client)
            try await bus.heard()
            let again = try await comeBack(gateway, recovery)
            #expect(try await again.next("price_update").bool("snapshot") == true)
            #expect(try await again.next("feed_live").string("room") == Self.room)
            try await bus.bring(price(2), by: topic)
            #expect(try await again.next("price_update").integer("n") == 2)
            await again.disconnect()
        }
    }

    @Test func whoSeesABookInAWayOfItsOwnIsToldToo() async throws {
        let room = "orderbook:BTC-USDC"
        try await run(room, "subscribe_orderbook", #"{"symbol":"BTC-USDC","mode":"delta"}"#) { gateway, bus, client in
            try await bus.bring(
                #"{"type":"order_book_update","symbol":"BTC-USDC","data":{"bids":[["1","1"]],"asks":[]}}"#,
                by: room
            )
            _ = try await client.next("order_book_update")
            try await bus.deaf()
            _ = try await client.next("feed_stale")
            let recovery = try await gateway.lose(client)
            try await bus.heard()
            let again = try await comeBack(gateway, recovery)
            #expect(try await again.next("order_book_update").bool("snapshot") == true)
            #expect(try await again.next("feed_live").string("room") == room)
            await again.disconnect()
        }
    }

    /// As on a node that the client was not on: whether the source lives is not known there.
    @Test func whereNothingHasComeYetTheFirstEventTells() async throws {
        try await run(Self.room, "join_room", #"{"room":"\#(Self.room)"}"#, last: [price(1)]) { gateway, bus, client in
            _ = try await client.next("price_update")
            let again = try await comeBack(gateway, try await gateway.lose(client))
            #expect(try await again.next("price_update").bool("snapshot") == true)
            try await bus.bring(price(2), by: Self.room)
            #expect(try await again.next("feed_live").string("room") == Self.room)
            #expect(try await again.next("price_update").integer("n") == 2)
            await again.disconnect()
        }
    }

    /// Likewise, where nothing is known of the price at all.
    @Test func ofAPriceThatIsNotKnownTheFirstEventTellsWhoFollowsTheType() async throws {
        let (topic, types) = ("type:price_update", #"{"types":["price_updates"]}"#)
        try await run(topic, "subscribe", types) { gateway, bus, client in
            let again = try await comeBack(gateway, try await gateway.lose(client))
            // Comes behind what brings the client back into what it had.
            _ = try await again.ask("subscribe", types)
            _ = try await again.next("subscribed")
            try await bus.bring(price(1), by: topic)
            #expect(try await again.next("feed_live").string("room") == Self.room)
            #expect(try await again.next("price_update").integer("n") == 1)
            await again.disconnect()
        }
    }

    @Test func whileTheNodeIsDeafItIsNotToldThatAnythingLives() async throws {
        try await run(Self.room, "join_room", #"{"room":"\#(Self.room)"}"#) { gateway, bus, client in
            try await bus.bring(price(1), by: Self.room)
            _ = try await client.next("price_update")
            try await bus.deaf()
            _ = try await client.next("feed_stale")
            let again = try await comeBack(gateway, try await gateway.lose(client))
            #expect(try await again.next("price_update").bool("snapshot") == true)
            try await bus.bring(price(2), by: Self.room)
            #expect(try await again.next("price_update").integer("n") == 2)
            try await bus.heard()
            #expect(try await again.next("feed_live").string("room") == Self.room)
            await again.disconnect()
        }
    }
}
