import GatewayDomain
import JSONScan

/// What `subscribe_price`, `subscribe_trades`, `subscribe_orderbook` and `subscribe_chart` share: a symbol in the payload names a market
/// room, which is joined.
struct MarketSubscription: Sendable {
    let rooms: RoomAccess
    /// The payload's member that names the market, and the confirmation's.
    let key: String
    /// The confirmation's event.
    let confirmation: String
    /// The room of an upper-cased symbol.
    let room: @Sendable (String) -> Room?

    func subscribe(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        guard let text = payload.string(key) else { throw .invalid("`\(key)` must be a string such as BTC-USDC") }
        let symbol = Instrument.capitalised(text)
        guard let room = room(symbol) else {
            throw GatewayError(.roomNotFound, "there is no market of that name; `\(key)` looks like BTC-USDC")
        }
        try rooms.join(room, call, confirmation: confirmation, members: "\"\(key)\":\(JSONString.literal(symbol))")
    }
}
