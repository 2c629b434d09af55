import GatewayDomain
import JSONScan

/// `subscribe_orderbook {symbol, mode?, depth?, maxRate?, checksum?}` → `orderbook_subscribed {symbol, …}`, then the last book.
///
/// Without a wish the client gets whole books as they are published. With one it sees the book in a ``BookView``, in place of how it saw it
/// before.
struct SubscribeOrderBook: ClientEvent {
    static let name = "subscribe_orderbook"
    private static let confirmation = "orderbook_subscribed"
    private let rooms: RoomAccess
    private let subscription: MarketSubscription

    init(rooms: RoomAccess) {
        self.rooms = rooms
        subscription = MarketSubscription(rooms: rooms, key: "symbol", confirmation: Self.confirmation) {
            Instrument($0).map { .orderbook($0) }
        }
    }

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        guard let view = try BookView(payload), let text = payload.string("symbol"), let instrument = Instrument.normalised(text) else {
            return try subscription.subscribe(call)
        }
        let members = "\"symbol\":\(JSONString.literal(instrument.description))\(view.members)"
        try rooms.join(view, of: instrument, call, confirmation: Self.confirmation, members: members)
    }
}
