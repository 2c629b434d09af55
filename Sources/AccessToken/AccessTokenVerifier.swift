import Foundation

/// Decides whether an access token is good: signature first, then claims, then revocation.
public struct AccessTokenVerifier: Sendable {
    private let keys: TokenKeys
    private let rules: AccessTokenRules
    private let now: @Sendable () -> Date
    private let isRevoked: @Sendable (VerifiedAccessToken) -> Bool

    /// A verifier. `isRevoked` is asked last, for tokens that are otherwise good; it must not block.
    public init(
        keys: TokenKeys,
        rules: AccessTokenRules,
        now: @escaping @Sendable () -> Date = { Date() },
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false }
    ) {
        self.keys = keys
        self.rules = rules
        self.now = now
        self.isRevoked = isRevoked
    }

    /// What the token says, if it is good now.
    ///
    /// - Throws: ``AccessTokenError``: `expired` only where nothing else is wrong, `invalid` otherwise.
    public func verify(_ token: String) async throws(AccessTokenError) -> VerifiedAccessToken {
        let payload = try keys.verifiedPayload(of: token)
        let claims: AccessTokenClaims
        do {
            claims = try JSONDecoder().decode(AccessTokenClaims.self, from: Data(payload))
        } catch {
            throw .invalid("malformed claims")
        }
        let verified = try rules.check(claims, now: now().timeIntervalSince1970)
        if isRevoked(verified) { throw .invalid("revoked") }
        return verified
    }

    /// Whether a token that was good a moment ago has been revoked since. Verification takes time; who keeps a connection for a token asks
    /// once more when the connection can be found by a revocation.
    public func hasBeenRevoked(_ token: VerifiedAccessToken) -> Bool { isRevoked(token) }
}
