import AccessToken

/// Everything that may vouch for someone who logs in: Privy, its stand-in in development, or both.
struct IdentityProviders: Sendable {
    var privy: PrivyVerifier?
    var development: DevelopmentPrivy?

    /// Whom the token names.
    ///
    /// - Throws: ``AccessTokenError``; with two providers `expired` where either says so.
    func verify(_ token: String) async throws(AccessTokenError) -> PrivyIdentity {
        var failure = AccessTokenError(.invalid(reason: "no identity provider"))
        if let privy {
            do {
                return try await privy.verify(token)
            } catch {
                failure = error
            }
        }
        if let development, failure.kind != .expired {
            return try await development.verify(token)
        }
        throw failure
    }
}
