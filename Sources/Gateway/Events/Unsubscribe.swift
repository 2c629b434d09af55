import GatewayDomain
import JSONScan

/// `unsubscribe {type, identifier}` → `unsubscribed {type, identifier}`, also when the client is not subscribed.
struct Unsubscribe: ClientEvent {
    static let name = "unsubscribe"
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        guard let type = payload.string("type") else { throw .invalid("`type` must be a string such as price") }
        guard let subscription = SubscriptionName(type), subscription.eventType == nil else {
            throw .invalid("`type` must be one of price, trade, trades, orderbook, chart, portfolio, orders")
        }
        if payload["identifier"] != nil, payload.string("identifier") == nil { throw .invalid("`identifier` must be a string") }
        let identifier = payload.string("identifier")
        guard let room = subscription.room(identifier: identifier, caller: call.session.principal.userID) else {
            throw identifier == nil
                ? .invalid("`identifier` is missing; it names what to unsubscribe from, such as BTC-USDC")
                : GatewayError(.roomNotFound, "`identifier` names nothing that one can subscribe to")
        }
        let members = "\"type\":\(JSONString.literal(type)),\"identifier\":\(JSONString.literal(identifier ?? room.identifier))"
        rooms.leave(room, call, confirmation: "unsubscribed", members: members)
    }
}
