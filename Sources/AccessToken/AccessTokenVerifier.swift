import Foundation

/// Decides whether an access token is good: signature first, then claims, then revocation.
public struct AccessTokenVerifier: Sendable {
    private let keys: any TokenKeySource
    private let rules: AccessTokenRules
    private let cache: VerifiedTokenCache
    private let now: @Sendable () -> Date
    private let isRevoked: @Sendable (VerifiedAccessToken) -> Bool

    /// A verifier. `isRevoked` is asked last, for tokens that are otherwise good, each time anew; it must not block.
    public init(
        keys: any TokenKeySource,
        rules: AccessTokenRules,
        cache: VerifiedTokenCache = VerifiedTokenCache(),
        now: @escaping @Sendable () -> Date = { Date() },
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false }
    ) {
        self.keys = keys
        self.rules = rules
        self.cache = cache
        self.now = now
        self.isRevoked = isRevoked
    }

    /// How often a token needed no verification, because it had been verified before.
    public var cacheStatistics: VerifiedTokenCache.Statistics { cache.statistics }

    /// What has happened to the key set, where it is fetched.
    public var keySetStatistics: RemoteKeySetStatistics? { (keys as? RemoteKeySet)?.statistics }

    /// What the token says, if it is good now. May wait for new keys where the token names one that is not known.
    ///
    /// - Throws: ``AccessTokenError``: `expired` only where nothing else is wrong, `invalid` otherwise.
    public func verify(_ token: String) async throws(AccessTokenError) -> VerifiedAccessToken {
        let length = token.utf8.count
        guard length <= CompactToken.maximumLength else { throw .tooLong }
        let now = now().timeIntervalSince1970
        let key = VerifiedTokenCache.key(of: token)
        let verified: VerifiedAccessToken
        if let known = cache.find(key, keyVersion: keys.snapshot.version, now: now) {
            verified = known
        } else {
            let (payload, version) = try await keys.verifiedPayload(of: token)
            // New keys may have taken a while to come.
            verified = try rules.check(try AccessTokenClaims(json: payload), now: self.now().timeIntervalSince1970)
            cache.insert(verified, key, length: length, keyVersion: version)
        }
        if isRevoked(verified) { throw .invalid("revoked") }
        return verified
    }

    /// As ``verify(_:)``, where that takes some microseconds only: for a token that is remembered, and one that is signed with a shared secret
    /// or by ES256.
    ///
    /// - Returns: `nil` where nothing has been decided, because the signature takes longer or keys have to be waited for.
    /// - Throws: ``AccessTokenError``.
    public func verifyAtOnce(_ token: String) throws(AccessTokenError) -> VerifiedAccessToken? {
        let length = token.utf8.count
        guard length <= CompactToken.maximumLength else { throw .tooLong }
        let now = now().timeIntervalSince1970
        let key = VerifiedTokenCache.key(of: token)
        let snapshot = keys.snapshot
        let isQuick = snapshot.keys.isQuick
        let verified: VerifiedAccessToken
        if let known = cache.find(key, keyVersion: snapshot.version, now: now, countsMiss: isQuick) {
            verified = known
        } else {
            guard isQuick else { return nil }
            do {
                let payload = try snapshot.keys.verifiedPayload(of: try CompactToken(token))
                verified = try rules.check(try AccessTokenClaims(json: payload), now: now)
            } catch {
                // There may be newer keys.
                if error == .unknownKeyID { return nil }
                throw error
            }
            cache.insert(verified, key, length: length, keyVersion: snapshot.version)
        }
        if isRevoked(verified) { throw .invalid("revoked") }
        return verified
    }

    /// Whether a token that was good a moment ago has been revoked since. Verification takes time; who keeps a connection for a token asks
    /// once more when the connection can be found by a revocation.
    public func hasBeenRevoked(_ token: VerifiedAccessToken) -> Bool { isRevoked(token) }
}
