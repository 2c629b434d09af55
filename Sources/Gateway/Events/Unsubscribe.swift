import GatewayDomain
import JSONScan

/// `unsubscribe {type, identifier}` → `unsubscribed {type, identifier}`, also when the client is not subscribed. `type` is a kind of room,
/// or an event type, which needs no identifier.
struct Unsubscribe: ClientEvent {
    static let name = "unsubscribe"
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        guard let type = payload.string("type") else { throw .invalid("`type` must be a string such as price") }
        guard let subscription = SubscriptionName(type) else {
            throw .invalid(
                "`type` must be one of price, trade, trades, orderbook, chart, portfolio, orders, or an event type such as price_updates"
            )
        }
        if let identifier = payload["identifier"], identifier.kind != .null, payload.string("identifier") == nil {
            throw .invalid("`identifier` must be a string")
        }
        let identifier = payload.string("identifier")
        let caller = call.session.principal.userID
        func members(_ identifier: String?) -> String {
            "\"type\":\(JSONString.literal(type)),\"identifier\":\(identifier.map { JSONString.literal($0) } ?? "null")"
        }
        if let eventType = subscription.eventType {
            let firehoses = Firehose.all(of: eventType, caller: caller) ?? []
            return rooms.leave(firehoses, call, confirmation: "unsubscribed", members: members(identifier))
        }
        guard let room = subscription.room(identifier: identifier, caller: caller) else {
            throw identifier == nil
                ? .invalid("`identifier` is missing; it names what to unsubscribe from, such as BTC-USDC")
                : GatewayError(.roomNotFound, "`identifier` names nothing that one can subscribe to")
        }
        rooms.leave(room, call, confirmation: "unsubscribed", members: members(identifier ?? room.identifier))
    }
}
