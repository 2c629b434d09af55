import Store

/// What a login or a refresh gives: the tokens for the client, and who it is.
public struct AuthTokens: Sendable {
    /// The access token: a secret.
    public let accessToken: String
    /// How long it lasts.
    public let expiresIn: Duration
    /// The refresh token to use next: a secret.
    public let refreshToken: RefreshToken
    /// Whose they are.
    public let user: User
}
