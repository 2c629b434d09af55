public import GatewayDomain

/// What a good access token says about its bearer. It does not hold the token itself, so it may be kept and logged.
public struct VerifiedAccessToken: Hashable, Sendable {
    /// Whom a connection that is opened with the token acts for. What it says is shared by whoever holds it.
    public let principal: Principal
    /// Whose token it is.
    public let userID: UserID

    /// What `principal` showed; `nil` for a guest, who showed nothing.
    public init?(_ principal: Principal) {
        guard let userID = principal.userID else { return nil }
        self.principal = principal
        self.userID = userID
    }

    /// A value made by hand: for tests, and for gateways that authenticate in another way. Times are milliseconds since 1970.
    public init(userID: UserID, tokenID: TokenID?, role: String?, groups: [String], expiresAt: Int64, issuedAt: Int64?) {
        self.userID = userID
        self.principal = Principal(
            userID: userID,
            role: role,
            groups: groups,
            tokenID: tokenID,
            expiresAt: expiresAt,
            issuedAt: issuedAt
        )
    }

    /// The token's `jti`, by which it can be revoked.
    public var tokenID: TokenID? { principal.tokenID }
    /// The user's role, where the issuer gave one.
    public var role: String? { principal.role }
    /// The groups the user is in; empty where the token names none.
    public var groups: [String] { principal.groups }
    /// When the token stops being good, in milliseconds since 1970.
    public var expiresAt: Int64 { principal.expiresAt ?? 0 }
    /// When it was issued, in milliseconds since 1970, where it says so.
    public var issuedAt: Int64? { principal.issuedAt }
}
