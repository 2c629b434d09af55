import GatewayDomain

/// `subscribe_orderbook {symbol}` → `orderbook_subscribed {symbol}`, then the last book.
struct SubscribeOrderBook: ClientEvent {
    static let name = "subscribe_orderbook"
    private let subscription: MarketSubscription

    init(rooms: RoomAccess) {
        subscription = MarketSubscription(rooms: rooms, key: "symbol", confirmation: "orderbook_subscribed") {
            Instrument($0).map { .orderbook($0) }
        }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
