import GatewayDomain
import Testing

struct SubscriptionNameTests {
    @Test(arguments: [
        ("price", Room.Kind.price), ("trade", .trade), ("trades", .trade), ("orderbook", .orderbook), ("chart", .chart),
        ("portfolio", .portfolio), ("orders", .orders),
    ])
    func readsKindsOfRoom(text: String, kind: Room.Kind) {
        #expect(SubscriptionName(text) == .room(kind))
        #expect(SubscriptionName(text)?.eventType == nil)
    }

    @Test(arguments: [
        ("price_updates", EventType.priceUpdate), ("trade_notifications", .tradeNotification), ("portfolio_updates", .portfolioUpdate),
        ("system_alerts", .systemAlert), ("order_updates", .orderUpdate),
    ])
    func readsEventTypes(text: String, type: EventType) {
        #expect(SubscriptionName(text)?.eventType == type)
        #expect(SubscriptionName(text)?.room(identifier: "BTC-USDC", caller: nil) == nil)
    }

    @Test(arguments: ["", "user", "group", "prices", "price_update", "Price", "notifications"])
    func refusesAnythingElse(text: String) {
        #expect(SubscriptionName(text) == nil)
    }

    @Test(arguments: [
        ("price", "btc-usdc", "price:BTC-USDC"), ("trades", "BTC-USDC", "trade:BTC-USDC"), ("orderbook", "eth-USDC", "orderbook:ETH-USDC"),
        ("chart", "btc-usdc", "chart:BTC"), ("portfolio", "user-two", "portfolio:user-two"), ("orders", nil, "orders:user-one"),
        ("price", nil, nil), ("price", "BTC", nil), ("orders", "x", nil),
    ])
    func findsTheRoom(text: String, identifier: String?, expected: String?) throws {
        let name = try #require(SubscriptionName(text))
        #expect(name.room(identifier: identifier, caller: UserID("user-one"))?.name == expected)
    }
}
