import JSONScan
import NIOCore
import SocketIOClient
import Testing

@testable import Gateway

@Suite("feed_stale and feed_live", .timeLimit(.minutes(1)))
struct FeedTests {
    private func run(_ body: (TestGateway) async throws -> Void) async throws {
        try await TestGateway.run(
            {
                $0.router.feedTimeout = .milliseconds(50)
                $0.router.sweepInterval = .milliseconds(5)
            },
            body
        )
    }

    private func publish(_ gateway: TestGateway, _ type: String = "price_update") async throws {
        try await gateway.server.publish(json: #"{"type":"\#(type)","symbol":"BTC-USDC","data":{}}"#)
    }

    @Test(arguments: [("price:BTC-USDC", "price_update"), ("orderbook:BTC-USDC", "order_book_update")])
    func membersAreToldWhenTheSourceFallsSilentAndWhenItLivesAgain(_ room: String, _ type: String) async throws {
        try await run { gateway in
            let client = try await gateway.connect()
            try await client.joined(room)
            for _ in 0..<2 {
                let before = WallClock.milliseconds()
                try await publish(gateway, type)
                var event = try await client.event(nil, within: .seconds(30))
                if event.name == "feed_live" { event = try await client.event(nil, within: .seconds(30)) }
                #expect(event.name == type)
                let stale = try await client.next("feed_stale")
                #expect(stale.string("room") == room)
                // When the last event came: not before it was published, and a feed's time-out ago.
                let since = try #require(stale.integer("since"))
                #expect(since >= before - 1)
                #expect(since <= WallClock.milliseconds() - 49)
            }
            try await publish(gateway, type)
            #expect(try await client.next() == #"feed_live {"room":"\#(room)"}"#)
            _ = try await client.next(type)
            await client.disconnect()
        }
    }

    @Test func whoJoinsAStaleRoomIsToldAfterTheSnapshot() async throws {
        try await run { gateway in
            try await publish(gateway)
            let first = try await gateway.connect()
            try await first.joined("price:BTC-USDC")
            _ = try await first.next("price_update")
            _ = try await first.next("feed_stale")
            let second = try await gateway.connect(TestGateway.bob)
            try await second.joined("price:BTC-USDC")
            #expect(try await second.next("price_update").bool("snapshot") == true)
            #expect(try await second.next("feed_stale").string("room") == "price:BTC-USDC")
            try await publish(gateway)
            for client in [first, second] {
                _ = try await client.next("feed_live")
                _ = try await client.next("price_update")
                await client.disconnect()
            }
        }
    }

    @Test func aRoomWithoutASourceIsNotStaleAndNeitherAreTradesAndCharts() async throws {
        try await run { gateway in
            let client = try await gateway.connect()
            for room in ["price:ETH-USDC", "trade:BTC-USDC", "chart:BTC", "price:BTC-USDC"] { try await client.joined(room) }
            for type in ["trade_notification", "chart_update", "price_update"] {
                try await publish(gateway, type)
                _ = try await client.next(type)
            }
            // The last of them falls silent; the others, which had more time to, were not reported before.
            #expect(try await client.next("feed_stale").string("room") == "price:BTC-USDC")
            #expect(try await gateway.metric("moonx_feeds_stale_total") == 1)
            await client.disconnect()
        }
    }

    @Test func whoFollowsPricesByTheirTypeAloneIsToldToo() async throws {
        try await run { gateway in
            let client = try await gateway.connect()
            _ = try await client.ask("subscribe", #"{"types":["price_updates"]}"#)
            _ = try await client.next("subscribed")
            for isFirst in [true, false] {
                try await publish(gateway)
                if !isFirst { #expect(try await client.next("feed_live").string("room") == "price:BTC-USDC") }
                _ = try await client.next("price_update")
                #expect(try await client.next("feed_stale").string("room") == "price:BTC-USDC")
            }
            await client.disconnect()
        }
    }

    /// What was not heard says nothing about the source.
    @Test func theSilenceOfASourceCountsFromWhenTheNodeHearsAgain() async throws {
        try await TestGateway.run({
            $0.router.feedTimeout = .milliseconds(100)
            $0.router.sweepInterval = .seconds(3600)
        }) { gateway in
            let (bus, router) = (try await StubBus.attach(to: gateway), gateway.server.router)
            let client = try await gateway.connect()
            async let answer = client.ask("join_room", #"{"room":"price:BTC-USDC"}"#)
            try await bus.expect(["+price:BTC-USDC"])
            try await bus.confirm("price:BTC-USDC")
            _ = try await answer
            _ = try await client.next("room_joined")
            try await bus.bring(#"{"type":"price_update","symbol":"BTC-USDC","data":{}}"#, by: "price:BTC-USDC")
            _ = try await client.next("price_update")
            try await bus.deaf()
            _ = try await client.next("feed_stale")
            // Deaf for longer than a source may be silent.
            try await Task.sleep(for: .milliseconds(200))
            let heardAt = WallClock.milliseconds()
            try await bus.heard()
            _ = try await client.next("feed_live")
            // The router looks at the room until it finds it stale.
            while try await router.eventLoop.submit({
                router.sweepRooms()
                return !router.watched.isEmpty
            }).get() { try await Task.sleep(for: .milliseconds(5)) }
            let since = try #require(try await client.next("feed_stale").integer("since"))
            #expect(since >= heardAt - 1)
            await client.disconnect()
        }
    }
}
