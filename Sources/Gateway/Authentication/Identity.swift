import GatewayDomain

/// Whom a token stands for, and whether it still does.
///
/// Between the verification of a token and the moment from which a revocation finds its connection there is a gap: who closes it asks
/// ``isRevoked`` on the connection's event loop.
struct Identity: Sendable {
    let principal: Principal
    /// Whether the token has been revoked since it was verified.
    let isRevoked: @Sendable () -> Bool

    static let guest = Identity(principal: .guest) { false }
}
