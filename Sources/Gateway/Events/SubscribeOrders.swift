import GatewayDomain

/// `subscribe_orders {}` → `orders_subscribed {userId}`.
struct SubscribeOrders: ClientEvent {
    static let name = "subscribe_orders"
    private let subscription: PersonalSubscription

    init(rooms: RoomAccess) {
        subscription = PersonalSubscription(rooms: rooms, confirmation: "orders_subscribed") { .orders($0) }
    }

    func handle(_ call: ClientCall) throws(GatewayError) { try subscription.subscribe(call) }
}
