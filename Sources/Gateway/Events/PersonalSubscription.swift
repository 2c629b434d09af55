import GatewayDomain
import JSONScan

/// What `subscribe_portfolio` and `subscribe_orders` share: the caller's own room is joined.
struct PersonalSubscription: Sendable {
    let rooms: RoomAccess
    /// The confirmation's event.
    let confirmation: String
    /// The room of a user.
    let room: @Sendable (UserID) -> Room

    func subscribe(_ call: ClientCall) throws(GatewayError) {
        _ = try call.payload()
        guard let userID = call.session.principal.userID else {
            throw GatewayError(.authRequired, "this needs a login; connect with an access token in auth.token")
        }
        try rooms.join(room(userID), call, confirmation: confirmation, members: "\"userId\":\(JSONString.literal(userID.rawValue))")
    }
}
