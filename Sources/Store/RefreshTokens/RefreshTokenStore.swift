import GatewayDomain

/// Keeps sessions: each login starts a family of refresh tokens, of which one is current at a time.
///
/// The store also remembers which access tokens a family was given, so that ending it can end them.
public protocol RefreshTokenStore: Sendable {
    /// Starts a session for a user there is. With `rotates`, each use of its token gives a new one. Where the user has more sessions then
    /// than ``RefreshRules/maximumSessions``, the oldest are ended.
    ///
    /// - Throws: ``StoreError``.
    func startSession(of user: UserID, rotates: Bool) async throws -> SessionStart

    /// Presents a token. With `rotates`, it is replaced also where its session was started without rotation, which rotates from then on.
    /// A good token of a session that has too many access tokens is refused, and stays as it was.
    ///
    /// - Throws: ``StoreError`` for faults of the store only: a bad token is a ``RefreshResult/refused(_:)``.
    func use(_ token: RefreshToken, rotates: Bool) async throws -> RefreshResult

    /// Remembers that the session was given this access token.
    ///
    /// - Throws: ``StoreError`` with code `sessionEnded` where a logout was faster; then the access token must not be handed out.
    func record(_ accessToken: SessionAccessToken, in session: SessionID) async throws

    /// Ends the session the refresh token belongs to and forgets its tokens.
    ///
    /// - Returns: the access tokens it was given that have not expired, or `nil` where the token is unknown.
    /// - Throws: ``StoreError``.
    func endSession(of token: RefreshToken) async throws -> [SessionAccessToken]?

    /// Ends the session that was given the access token with this `jti`; otherwise as ``endSession(of:)``.
    ///
    /// - Throws: ``StoreError``.
    func endSession(ofAccessToken tokenID: String) async throws -> [SessionAccessToken]?

    /// Ends every session of the user.
    ///
    /// - Throws: ``StoreError``.
    func endSessions(of user: UserID) async throws
}

/// The id of a session, which is a family of refresh tokens.
public struct SessionID: Hashable, Sendable {
    let rawValue: String
}

/// An access token that a session was given: its `jti`, and when it expires in milliseconds since 1970.
public struct SessionAccessToken: Hashable, Sendable {
    /// Its `jti`.
    public let id: String
    /// When it expires, in milliseconds since 1970.
    public let expiresAt: Int64

    /// A token with this `jti` that expires at this time, in milliseconds since 1970.
    public init(id: String, expiresAt: Int64) {
        self.id = id
        self.expiresAt = expiresAt
    }
}

/// A session that has been started, and what had to end for it.
public struct SessionStart: Hashable, Sendable {
    /// The new session.
    public let grant: RefreshGrant
    /// How many older sessions of the user were ended, because there were more than may be.
    public let endedSessions: Int
    /// The access tokens that those were given and that have not expired.
    public let endedAccessTokens: [SessionAccessToken]
}

/// A refresh token to hand to the client, and whose it is.
public struct RefreshGrant: Hashable, Sendable {
    /// The token the client is to use next.
    public let token: RefreshToken
    /// The session it belongs to.
    public let session: SessionID
    /// Whose it is.
    public let user: User
}

/// What came of presenting a refresh token.
public enum RefreshResult: Hashable, Sendable {
    /// It is good.
    case granted(RefreshGrant)
    /// It is not.
    case refused(Refusal)

    /// Why a refresh token was refused.
    public enum Refusal: Hashable, Sendable {
        /// No such token, or its session has been ended.
        case unknown
        /// It is too old.
        case expired
        /// Its session has been revoked before.
        case revoked
        /// It was replaced earlier than the grace period, so it has been copied. The session is revoked now; these are the access
        /// tokens it was given that have not expired.
        case reused([SessionAccessToken])
        /// It is good, but its session has more access tokens than ``RefreshRules/maximumAccessTokens`` until one of them expires, after so
        /// long.
        case tooMany(retryAfter: Duration)
    }
}
