import GatewayDomain
import JSONScan
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

/// What clients that come back have subscribed to, beside plain rooms.
@Suite("Connection state recovery: subscriptions", .timeLimit(.minutes(1)))
struct SubscriptionRecoveryTests {
    private func publish(_ gateway: TestGateway, _ type: String, _ number: Int, _ more: String = #","symbol":"BTC-USDC""#) async throws {
        try await gateway.server.publish(json: #"{"type":"\#(type)"\#(more),"data":{"n":\#(number)},"timestamp":1}"#)
    }

    private func book(_ gateway: TestGateway, _ size: Int, isDelta: Bool) async throws {
        let more = isDelta ? #","delta":true"# : ""
        try await gateway.server.publish(
            json: #"{"type":"order_book_update","symbol":"BTC-USDC"\#(more),"data":{"bids":[["1","\#(size)"]],"asks":[]},"timestamp":1}"#
        )
    }

    @Test func firehosesGoOnAndEachEventComesOnce() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            // By room and by firehose.
            try await client.joined("trade:BTC-USDC")
            _ = try await client.ask("subscribe", #"{"types":["trade_notifications","price_updates","portfolio_updates"]}"#)
            _ = try await client.next("subscribed")
            let recovery = try await gateway.lose(client)
            try await publish(gateway, "trade_notification", 1)
            try await publish(gateway, "trade_notification", 2, #","symbol":"SOL-USDC""#)
            try await publish(gateway, "trade_notification", 3, #","symbol":"SOL-USDC","userId":"alice-0001""#)
            try await publish(gateway, "price_update", 4)
            try await publish(gateway, "portfolio_update", 5, #","userId":"alice-0001""#)
            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered)
            for number in [1, 2, 3, 3] { #expect(try await again.next("trade_notification").integer("n") == Int64(number)) }
            _ = try await again.next("connected")
            _ = try await again.next("authenticated")
            let portfolio = try await again.next("portfolio_update")
            #expect(portfolio.integer("n") == 5)
            #expect(portfolio.bool("snapshot") == true)
            let price = try await again.next("price_update")
            #expect(price.integer("n") == 4)
            #expect(price.bool("snapshot") == true)
            try await publish(gateway, "trade_notification", 6)
            try await publish(gateway, "price_update", 7)
            #expect(try await again.next("trade_notification").integer("n") == 6)
            #expect(try await again.next("price_update").integer("n") == 7)
            // What it can leave, it is in: the firehoses count again for the client.
            _ = try await again.ask("unsubscribe", #"{"type":"trade_notifications"}"#)
            _ = try await again.next("unsubscribed")
            try await publish(gateway, "trade_notification", 8)
            #expect(try await again.next("trade_notification").integer("n") == 8)
            _ = try await again.ask("leave_room", #"{"room":"trade:BTC-USDC"}"#)
            _ = try await again.next("room_left")
            try await publish(gateway, "trade_notification", 9)
            try await publish(gateway, "price_update", 10)
            #expect(try await again.next("price_update").integer("n") == 10)
            await again.disconnect()
        }
    }

    @Test func aBookSeenByItsChangesBeginsWithTheBook() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await book(gateway, 1, isDelta: false)
            _ = try await client.ask("subscribe_orderbook", #"{"symbol":"BTC-USDC","mode":"delta"}"#)
            _ = try await client.next("orderbook_subscribed")
            _ = try await client.next("order_book_update")
            let recovery = try await gateway.lose(client)
            try await book(gateway, 2, isDelta: true)
            let again = try await gateway.comeBack(recovery)
            _ = try await again.next("connected")
            _ = try await again.next("authenticated")
            let snapshot = try await again.next("order_book_update")
            #expect(snapshot.bool("snapshot") == true)
            #expect(snapshot.text.contains(#""bids":[["1","2"]]"#))
            try await book(gateway, 3, isDelta: true)
            let change = try await again.next("order_book_update")
            #expect(change.bool("delta") == true)
            #expect(change.integer("seqFirst") == (snapshot.integer("seq") ?? 0) + 1)
            await again.disconnect()
        }
    }

    /// What was gone from a stream before this node had read it, nobody here has: whom it may have been for is told.
    @Test(arguments: [
        (EventType.systemAlert, "price:BTC-USDC", false), (.orderUpdate, "price:BTC-USDC", true),
        (.tradeNotification, "user:alice-0001", false),
        (.tradeNotification, "orders:alice-0001", true), (.orderUpdate, "orders:alice-0001", false),
    ])
    func afterAGapOnlyThoseWhomItDoesNotConcernAreRecovered(_ type: EventType, _ room: String, _ isRecovered: Bool) async throws {
        try await TestGateway.run { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            try await client.emit("join_room", json: #"{"room":"\#(room)"}"#)
            try await bus.expect(["+\(room)"])
            try await bus.confirm(room)
            _ = try await client.event("room_joined", within: .seconds(30))
            let recovery = try await gateway.lose(client)
            try await bus.gap(type)
            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered == isRecovered)
            await again.disconnect()
        }
    }

    @Test func messagesComeByTheMailboxOnce() async throws {
        try await TestGateway.run { gateway in
            let other = try await gateway.connect(TestGateway.bob)
            let recovery = try await gateway.lose(try await gateway.connect())
            _ = try await other.ask("direct_message", #"{"to":"alice-0001","message":"while away"}"#)
            try await publish(gateway, "notification", 1, #","userId":"alice-0001","id":"n1""#)
            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered)
            _ = try await again.next("connected")
            _ = try await again.next("authenticated")
            #expect(try await again.next("direct_message").bool("offline") == true)
            #expect(try await again.next("notification").bool("offline") == true)
            try await publish(gateway, "system_alert", 2, "")
            #expect(try await again.next("system_alert").integer("n") == 2)
            await again.disconnect()
            await other.disconnect()
        }
    }

    @Test func whoWatchesOthersIsToldHowTheyAreNow() async throws {
        try await TestGateway.run({ $0.presenceLinger = .zero }) { gateway in
            let other = try await gateway.connect(TestGateway.bob)
            let client = try await gateway.connect()
            _ = try await client.ask("presence_subscribe", #"{"userIds":["bob-000002"]}"#)
            let recovery = try await gateway.lose(client)
            _ = try await other.ask("set_presence", #"{"status":"busy"}"#)
            let again = try await gateway.comeBack(recovery)
            #expect(try await again.event("presence_update", within: .seconds(30)).arguments.object(0)?.string("status") == "busy")
            _ = try await other.ask("set_presence", #"{"status":"away"}"#)
            #expect(try await again.event("presence_update", within: .seconds(30)).arguments.object(0)?.string("status") == "away")
            await again.disconnect()
            await other.disconnect()
        }
    }

    @Test func placesInRoomsAreCountedAsBefore() async throws {
        try await TestGateway.run({ $0.limits.roomsPerConnection = 3 }) { gateway in
            let client = try await gateway.connect()
            for room in ["trade:BTC-USDC", "price:BTC-USDC"] { try await client.joined(room) }
            _ = try await client.ask("subscribe", #"{"types":["trade_notifications"]}"#)
            let again = try await gateway.comeBack(try await gateway.lose(client))
            _ = try await again.event("authenticated", within: .seconds(30))
            #expect(try await again.ask("join_room", #"{"room":"trade:ETH-USDC"}"#).hasPrefix(#"{"ok":true"#))
            #expect(try await again.refusal("join_room", #"{"room":"trade:SOL-USDC"}"#) == "ROOM_LIMIT")
            // Nobody is counted twice: once the client has gone, the rooms are empty.
            await again.disconnect()
            while try await gateway.metric("moonx_rooms_with_members") != 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}
