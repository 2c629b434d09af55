/// Whom a connection acts for: what is kept of a checked token. Holds no secret.
public struct Principal: Hashable, Sendable {
    /// The user; `nil` for a guest.
    public var userID: UserID?
    /// The token's `role` claim.
    public var role: String?
    /// The ids of the groups the token lists.
    public var groups: [String]
    /// The token's `jti`, by which it can be revoked.
    public var tokenID: String?
    /// When the token expires, in milliseconds since 1970; `nil` for a guest.
    public var expiresAt: Int64?
    /// When the token was issued, in milliseconds since 1970, where it says so.
    public var issuedAt: Int64?

    /// The bearer of a checked token; times are milliseconds since 1970.
    public init(
        userID: UserID?,
        role: String? = nil,
        groups: [String] = [],
        tokenID: String? = nil,
        expiresAt: Int64? = nil,
        issuedAt: Int64? = nil
    ) {
        self.userID = userID
        self.role = role
        self.groups = groups
        self.tokenID = tokenID
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
    }

    /// Whether the revocation ends what this token has opened. One that does not say when it was issued is ended by any of its user.
    public func isEnded(by revocation: Revocation) -> Bool {
        switch revocation.subject {
        case .token(let id): tokenID == id
        case .user(let id): userID == id && (issuedAt ?? .min) <= revocation.revokedAt
        }
    }

    /// Somebody without a token.
    public static let guest = Principal(userID: nil)

    /// Whether this is somebody without a token.
    public var isGuest: Bool { userID == nil }
}
