/// Whom a connection acts for: what is kept of a checked token. Holds no secret.
///
/// A reference to something that does not change: whoever remembers the token and every connection that was opened with it share one.
public struct Principal: Hashable, Sendable {
    private let content: Content

    private final class Content: Hashable, Sendable {
        let userID: UserID?
        let role: String?
        let groups: [String]
        /// `Int64.min` for none, here and in `issuedAt`: an optional one is twice as long.
        let expiresAt: Int64
        let issuedAt: Int64
        let tokenID: TokenID?

        init(_ userID: UserID?, _ role: String?, _ groups: [String], _ tokenID: TokenID?, _ expiresAt: Int64, _ issuedAt: Int64) {
            self.userID = userID
            self.role = role
            self.groups = groups
            self.tokenID = tokenID
            self.expiresAt = expiresAt
            self.issuedAt = issuedAt
        }

        static func == (left: Content, right: Content) -> Bool {
            left === right
                || left.userID == right.userID && left.role == right.role && left.groups == right.groups && left.tokenID == right.tokenID
                    && left.expiresAt == right.expiresAt && left.issuedAt == right.issuedAt
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(userID)
            hasher.combine(tokenID)
            hasher.combine(expiresAt)
        }
    }

    /// The bearer of a checked token; times are milliseconds since 1970.
    public init(
        userID: UserID?,
        role: String? = nil,
        groups: [String] = [],
        tokenID: TokenID? = nil,
        expiresAt: Int64? = nil,
        issuedAt: Int64? = nil
    ) {
        content = Content(userID, role, groups, tokenID, expiresAt ?? .min, issuedAt ?? .min)
    }

    /// The user; `nil` for a guest.
    public var userID: UserID? { content.userID }
    /// The token's `role` claim.
    public var role: String? { content.role }
    /// The ids of the groups the token lists.
    public var groups: [String] { content.groups }
    /// The token's `jti`, by which it can be revoked.
    public var tokenID: TokenID? { content.tokenID }
    /// When the token expires, in milliseconds since 1970; `nil` for a guest.
    public var expiresAt: Int64? { content.expiresAt == .min ? nil : content.expiresAt }
    /// When the token was issued, in milliseconds since 1970, where it says so.
    public var issuedAt: Int64? { content.issuedAt == .min ? nil : content.issuedAt }

    /// Whether the revocation ends what this token has opened. One that does not say when it was issued is ended by any of its user.
    public func isEnded(by revocation: Revocation) -> Bool {
        switch revocation.subject {
        case .token(let id): tokenID == id
        case .user(let id): userID == id && content.issuedAt <= revocation.revokedAt
        }
    }

    /// Somebody without a token.
    public static let guest = Principal(userID: nil)

    /// Whether this is somebody without a token.
    public var isGuest: Bool { userID == nil }
}
