import JSONScan
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("subscribe", .timeLimit(.minutes(1)))
struct SubscribeTests {
    private static let allTypes =
        #"{"types":["price_updates","trade_notifications","portfolio_updates","system_alerts","order_updates"]}"#
    private static let mark = #"system_alert {"mark":true,"timestamp":1}"#

    /// All that comes before a mark that everyone gets last; of each event its name, symbol and whether it is personal.
    private func received(_ gateway: TestGateway, _ client: SocketIOClient) async throws -> [String] {
        try await gateway.server.publish(json: #"{"type":"system_alert","data":{"mark":true},"timestamp":1}"#)
        var lines: [String] = []
        while true {
            let event = try await client.event(nil, within: .seconds(30))
            let payload = try #require(event.arguments.object(0))
            if payload.bool("mark") == true { return lines }
            lines.append(event.name + (payload.string("symbol").map { " " + $0 } ?? "") + (payload.bool("personal") == true ? " own" : ""))
        }
    }

    private func publish(_ gateway: TestGateway, _ type: String, symbol: String? = nil, user: String? = nil) async throws {
        let symbol = symbol.map { "\"symbol\":\"\($0)\"," } ?? ""
        let user = user.map { "\"userId\":\"\($0)\"," } ?? ""
        try await gateway.server.publish(json: "{\"type\":\"\(type)\",\(symbol)\(user)\"data\":{}}")
    }

    @Test func allTypesOfTheGuideAreAccepted() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let types = Self.allTypes.dropFirst().dropLast()
            #expect(try await client.ask("subscribe", Self.allTypes) == "{\"ok\":true,\(types)}")
            #expect(try await client.next() == "subscribed {\(types)}")
            await client.disconnect()
        }
    }

    @Test func pricesAndTradesOfAllSymbolsAndOnesOwnEvents() async throws {
        try await TestGateway.run { gateway in
            let alice = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            for client in [alice, bob] {
                _ = try await client.ask("subscribe", Self.allTypes)
                _ = try await client.next("subscribed")
            }
            try await publish(gateway, "price_update", symbol: "BTC-USDC")
            try await publish(gateway, "price_update", symbol: "ETH-USDC")
            try await publish(gateway, "trade_notification", symbol: "SOL-USDC")
            try await publish(gateway, "trade_notification", symbol: "SOL-USDC", user: TestGateway.alice)
            try await publish(gateway, "portfolio_update", user: TestGateway.alice)
            try await publish(gateway, "order_update", user: TestGateway.alice)
            // No firehose carries these.
            try await publish(gateway, "order_book_update", symbol: "BTC-USDC")
            try await publish(gateway, "chart_update", symbol: "BTC")
            let market = ["price_update BTC-USDC", "price_update ETH-USDC", "trade_notification SOL-USDC", "trade_notification SOL-USDC"]
            #expect(try await received(gateway, bob) == market)
            let own = market + ["trade_notification SOL-USDC own", "portfolio_update", "order_update"]
            #expect(try await received(gateway, alice) == own + [])
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test func whoIsReachedByRoomAndFirehoseGetsEachEventOnce() async throws {
        try await TestGateway.run { gateway in
            // Several, so that they are spread over both loops.
            var clients: [SocketIOClient] = []
            for _ in 0..<4 { clients.append(try await gateway.connect()) }
            for client in clients {
                for room in ["price:BTC-USDC", "trade:BTC-USDC", "user:alice-0001"] { try await client.joined(room) }
                for event in ["subscribe_portfolio", "subscribe_orders"] { _ = try await client.ask(event, "{}") }
                for event in ["portfolio_subscribed", "orders_subscribed"] { _ = try await client.next(event) }
                for _ in 0..<2 {
                    _ = try await client.ask("subscribe", Self.allTypes)
                    _ = try await client.next("subscribed")
                }
            }
            try await publish(gateway, "price_update", symbol: "BTC-USDC")
            try await publish(gateway, "trade_notification", symbol: "BTC-USDC", user: TestGateway.alice)
            try await publish(gateway, "portfolio_update", user: TestGateway.alice)
            try await publish(gateway, "order_update", user: TestGateway.alice)
            for client in clients {
                // The public and the personal copy of a trade are two events.
                #expect(
                    try await received(gateway, client) == [
                        "price_update BTC-USDC", "trade_notification BTC-USDC", "trade_notification BTC-USDC own", "portfolio_update",
                        "order_update",
                    ]
                )
            }
            for client in clients {
                _ = try? await received(gateway, client)
                await client.disconnect()
            }
        }
    }

    @Test func anUnknownTypeIsNamedInAnErrorAndTheOthersAreAccepted() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let payload = #"{"types":["price_updates","nonsense","price","price_updates"]}"#
            #expect(try await client.ask("subscribe", payload) == #"{"ok":true,"types":["price_updates"]}"#)
            #expect(try await client.next() == #"subscribed {"types":["price_updates"]}"#)
            let error = try await client.next("error")
            #expect(error.string("code") == "INVALID_MESSAGE")
            #expect(error.string("event") == "subscribe")
            #expect(error.string("message") == "there are no events of the types nonsense, price")
            await client.disconnect()
        }
    }

    @Test(arguments: [#"{}"#, #"{"types":"price_updates"}"#, #"{"types":[]}"#, #"{"types":[1]}"#, #"{"types":["nonsense"]}"#])
    func nothingAcceptedIsAFailure(_ payload: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            #expect(try await client.refusal("subscribe", payload) == "INVALID_MESSAGE")
            try await client.emit("subscribe", json: payload)
            #expect(try await client.next("error").string("code") == "INVALID_MESSAGE")
            await client.disconnect()
        }
    }

    @Test func guestsHaveMarketEventsOnly() async throws {
        try await TestGateway.run {
            $0.allowsGuests = true
        } _: { gateway in
            let guest = try await gateway.connect(nil)
            #expect(try await guest.ask("subscribe", Self.allTypes).hasPrefix(#"{"ok":true,"types":["price_updates","trade_"#))
            let subscribed = try await guest.next("subscribed")
            #expect(subscribed.strings("types") == ["price_updates", "trade_notifications", "system_alerts"])
            #expect(try await guest.next("error").string("code") == "AUTH_REQUIRED")
            #expect(try await guest.refusal("subscribe", #"{"types":["order_updates"]}"#) == "AUTH_REQUIRED")
            try await publish(gateway, "trade_notification", symbol: "SOL-USDC", user: TestGateway.alice)
            #expect(try await received(gateway, guest) == ["trade_notification SOL-USDC"])
            await guest.disconnect()
        }
    }

    @Test func onesOwnPortfolioComesAtOnceWhereItIsKnown() async throws {
        try await TestGateway.run { gateway in
            try await publish(gateway, "portfolio_update", user: TestGateway.alice)
            let client = try await gateway.connect()
            _ = try await client.ask("subscribe", #"{"types":["portfolio_updates"]}"#)
            _ = try await client.next("subscribed")
            #expect(try await client.next("portfolio_update").bool("snapshot") == true)
            await client.disconnect()
        }
    }

    @Test func unsubscribingEndsTheFirehoseAndNotTheRoom() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            _ = try await client.ask("subscribe", Self.allTypes)
            _ = try await client.next("subscribed")
            try await client.joined("price:BTC-USDC")
            for type in ["price_updates", "trade_notifications", "order_updates", "system_alerts", "portfolio_updates"] {
                let answer = "\"type\":\"\(type)\",\"identifier\":null"
                #expect(try await client.ask("unsubscribe", "{\"type\":\"\(type)\"}") == "{\"ok\":true,\(answer)}")
                #expect(try await client.next() == "unsubscribed {\(answer)}")
            }
            try await publish(gateway, "price_update", symbol: "BTC-USDC")
            try await publish(gateway, "price_update", symbol: "ETH-USDC")
            try await publish(gateway, "trade_notification", symbol: "SOL-USDC", user: TestGateway.alice)
            try await publish(gateway, "portfolio_update", user: TestGateway.alice)
            try await publish(gateway, "order_update", user: TestGateway.alice)
            #expect(try await received(gateway, client) == ["price_update BTC-USDC"])
            await client.disconnect()
        }
    }

    @Test func firehosesTakeNoPlaceAmongTheRooms() async throws {
        try await TestGateway.run {
            $0.limits.roomsPerConnection = 1
        } _: { gateway in
            let client = try await gateway.connect()
            for _ in 0..<2 {
                _ = try await client.ask("subscribe", Self.allTypes)
                _ = try await client.next("subscribed")
            }
            try await client.joined("price:BTC-USDC")
            #expect(try await client.refusal("join_room", #"{"room":"price:ETH-USDC"}"#) == "ROOM_LIMIT")
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"rooms\"}") == 1)
            _ = try await client.ask("unsubscribe", #"{"type":"trade_notifications"}"#)
            #expect(try await client.refusal("join_room", #"{"room":"price:ETH-USDC"}"#) == "ROOM_LIMIT")
            await client.disconnect()
        }
    }

    @Test func theEventsOfAFirehoseAreNumberedByRoomAndForgottenWithIt() async throws {
        try await TestGateway.run {
            $0.router.linger = .milliseconds(1)
            // With it rooms are followed for longer.
            $0.recovery = nil
            $0.router.sweepInterval = .milliseconds(5)
        } _: { gateway in
            let client = try await gateway.connect()
            _ = try await client.ask("subscribe", #"{"types":["trade_notifications"]}"#)
            _ = try await client.next("subscribed")
            for (symbol, seq) in [("BTC-USDC", 1), ("ETH-USDC", 1), ("BTC-USDC", 2)] {
                try await publish(gateway, "trade_notification", symbol: symbol)
                #expect(try await client.next("trade_notification").integer("seq") == Int64(seq))
            }
            #expect(try await gateway.metric("moonx_rooms") == 2)
            await client.disconnect()
            while try await gateway.metric("moonx_rooms") != 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}
