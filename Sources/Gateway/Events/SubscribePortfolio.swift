import GatewayDomain

/// `subscribe_portfolio {}` → `portfolio_subscribed {userId}`, then the last portfolio.
struct SubscribePortfolio: ClientEvent {
    static let name = "subscribe_portfolio"
    private let subscription: PersonalSubscription

    init(rooms: RoomAccess) {
        subscription = PersonalSubscription(rooms: rooms, confirmation: "portfolio_subscribed") { .portfolio($0) }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
