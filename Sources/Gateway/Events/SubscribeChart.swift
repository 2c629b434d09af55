import GatewayDomain

/// `subscribe_chart {symbol}` → `chart_subscribed {symbol}`, then the last candle of each interval.
struct SubscribeChart: ClientEvent {
    static let name = "subscribe_chart"
    private let subscription: MarketSubscription

    init(rooms: RoomAccess) {
        subscription = MarketSubscription(rooms: rooms, key: "symbol", confirmation: "chart_subscribed") {
            Room.chartRoom(ofSymbol: $0)
        }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
