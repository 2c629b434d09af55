/// The payload of an access token, as it stands in the JWT. Reading one proves nothing: see ``AccessTokenRules``.
public struct AccessTokenClaims: Codable, Hashable, Sendable {
    /// What `type` says in an access token.
    public static let accessType = "access"

    /// `sub`: the user id, unless `userId` is there.
    public var subject: String?
    /// `userId`: the user id where `sub` is something else.
    public var userID: String?
    /// `iss`.
    public var issuer: String?
    /// `aud`: one name or several.
    public var audience: Audience?
    /// `exp`, in seconds since 1970; a fraction is allowed.
    public var expiresAt: Double?
    /// `iat`, in seconds since 1970.
    public var issuedAt: Double?
    /// `nbf`, in seconds since 1970.
    public var notBefore: Double?
    /// `jti`: by this a single token is revoked.
    public var tokenID: String?
    /// `type`: always "access".
    public var type: String?
    /// `role` of the user.
    public var role: String?
    /// `groups` the user is in.
    public var groups: [String]?

    /// A payload. All times are in seconds since 1970.
    public init(
        subject: String?,
        userID: String? = nil,
        issuer: String? = nil,
        audience: Audience? = nil,
        expiresAt: Double?,
        issuedAt: Double? = nil,
        notBefore: Double? = nil,
        tokenID: String? = nil,
        type: String? = AccessTokenClaims.accessType,
        role: String? = nil,
        groups: [String]? = nil
    ) {
        self.subject = subject
        self.userID = userID
        self.issuer = issuer
        self.audience = audience
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.tokenID = tokenID
        self.type = type
        self.role = role
        self.groups = groups
    }

    private enum CodingKeys: String, CodingKey {
        case subject = "sub"
        case userID = "userId"
        case issuer = "iss"
        case audience = "aud"
        case expiresAt = "exp"
        case issuedAt = "iat"
        case notBefore = "nbf"
        case tokenID = "jti"
        case type, role, groups
    }
}
