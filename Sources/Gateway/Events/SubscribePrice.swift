import GatewayDomain

/// `subscribe_price {symbol}` → `price_subscribed {symbol}`, then the last price.
struct SubscribePrice: ClientEvent {
    static let name = "subscribe_price"
    private let subscription: MarketSubscription

    init(rooms: RoomAccess) {
        subscription = MarketSubscription(rooms: rooms, key: "symbol", confirmation: "price_subscribed") {
            Instrument($0).map { .price($0) }
        }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
