import GatewayDomain

/// `subscribe_trades {pair}` → `trades_subscribed {pair}`.
struct SubscribeTrades: ClientEvent {
    static let name = "subscribe_trades"
    private let subscription: MarketSubscription

    init(rooms: RoomAccess) {
        subscription = MarketSubscription(rooms: rooms, key: "pair", confirmation: "trades_subscribed") {
            Instrument($0).map { .trade($0) }
        }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
