/// Word that tokens issued up to a moment are good no longer, though they have not expired.
public struct Revocation: Hashable, Sendable {
    /// What is revoked.
    public enum Subject: Hashable, Sendable {
        /// The one token with this `jti`.
        case token(id: TokenID)
        /// Every token of the user that was issued at or before ``Revocation/revokedAt``; later ones are good.
        case user(UserID)
    }

    /// What is revoked.
    public let subject: Subject
    /// When, in milliseconds since 1970.
    public let revokedAt: Int64
    /// From when on (milliseconds since 1970) it can be forgotten, because every token concerned has expired by itself.
    public let expiresAt: Int64

    /// A revocation; both times are in milliseconds since 1970.
    public init(subject: Subject, revokedAt: Int64, expiresAt: Int64) {
        self.subject = subject
        self.revokedAt = revokedAt
        self.expiresAt = expiresAt
    }
}
