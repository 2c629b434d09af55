import GatewayDomain

/// What is kept of a client that is away, beside its rooms. Holds no token.
struct SavedClient: Hashable, Sendable {
    /// Who it was, by the token in force.
    let principal: Principal
    /// Users whose presence it watched.
    let watched: Set<UserID>
    /// When it went, as an offset of the router's clock; `nil` where the client was on another node.
    let savedAt: Duration?
}

/// What a client that comes back is given again.
struct ReturningClient: Sendable {
    let rooms: ReturningRooms
    let watched: Set<UserID>
}
