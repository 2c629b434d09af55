import JSONScan
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
                var event = try await client.event(nil, within: .seconds(10))
                if event.name == "feed_live" { event = try await client.event(nil, within: .seconds(10)) }
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
}
