import GatewayDomain

/// What a good access token says about its bearer. It does not hold the token itself, so it may be kept and logged.
public struct VerifiedAccessToken: Hashable, Sendable {
    /// Whose token it is.
    public let userID: UserID
    /// The token's `jti`, by which it can be revoked.
    public let tokenID: String?
    /// The user's role, where the issuer gave one.
    public let role: String?
    /// The groups the user is in; empty where the token names none.
    public let groups: [String]
    /// When the token stops being good, in milliseconds since 1970.
    public let expiresAt: Int64
    /// When it was issued, in milliseconds since 1970, where it says so.
    public let issuedAt: Int64?

    /// A value made by hand: for tests, and for gateways that authenticate in another way. Times are milliseconds since 1970.
    public init(userID: UserID, tokenID: String?, role: String?, groups: [String], expiresAt: Int64, issuedAt: Int64?) {
        self.userID = userID
        self.tokenID = tokenID
        self.role = role
        self.groups = groups
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
    }
}
