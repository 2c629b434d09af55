import AccessToken
import Foundation
import GatewayDomain
import Store

/// Login, refresh, logout and revocation: the rules of the auth service, without HTTP.
public struct AuthSessions: Sendable {
    let providers: IdentityProviders
    let store: any UserStore & RefreshTokenStore & RevocationStore
    let issuer: AccessTokenIssuer
    let verifier: AccessTokenVerifier
    let revocations: RevocationList
    let accessTokenLifetime: Duration
    let maxTokenLifetime: Duration
    let requiresRotation: Bool
    let counts = SessionCounts()
    let now: @Sendable () -> Date
    let onLogin: @Sendable (User) async -> Void
    let onRevocation: @Sendable (Revocation) async throws -> Void

    /// Exchanges a Privy token for a session. With `rotates`, each refresh gives a new refresh token. Who has too many sessions then loses
    /// the oldest, and the access tokens it was given.
    ///
    /// - Throws: ``AuthFailure``; ``StoreError``.
    public func login(privyToken: String, rotates: Bool) async throws -> AuthTokens {
        let identity: PrivyIdentity
        do {
            identity = try await providers.verify(privyToken)
        } catch {
            switch error.kind {
            case .expired: throw AuthFailure(.tokenExpired, "The Privy token has expired; get a new one from Privy.")
            case .invalid: throw AuthFailure(.authFailed, "The Privy token is not valid for this app; log in with Privy again.")
            }
        }
        let user = try await store.findOrCreateUser(privyDID: identity.did, displayName: identity.displayName)
        let start = try await store.startSession(of: user.id, rotates: rotates || requiresRotation)
        counts.ended(start.endedSessions)
        // They are refused here, and others learn of it later where they cannot be told now: that is no fault of this login, and the next
        // attempt would end one more session.
        try? await revoke(start.endedAccessTokens)
        let tokens = try await tokens(for: start.grant)
        await onLogin(user)
        return tokens
    }

    /// Renews a session. With `rotates`, the refresh token is replaced, and by each later refresh too.
    ///
    /// - Throws: ``AuthFailure``; ``StoreError``.
    public func refresh(_ token: RefreshToken, rotates: Bool) async throws -> AuthTokens {
        switch try await store.use(token, rotates: rotates || requiresRotation) {
        case .granted(let grant):
            return try await tokens(for: grant)
        case .refused(.expired):
            throw AuthFailure(.tokenExpired, "The refresh token has expired; log in again.")
        case .refused(.unknown), .refused(.revoked):
            throw AuthFailure(.authFailed, "The refresh token is not valid; log in again.")
        case .refused(.reused(let accessTokens)):
            try await revoke(accessTokens)
            throw AuthFailure(.authFailed, "The refresh token was used before, so its session has been ended; log in again.")
        case .refused(.tooMany(let retryAfter)):
            counts.refused()
            throw AuthFailure(
                .rateLimited,
                "The session has too many access tokens that are still good; use the last of them, and refresh when it is about to expire.",
                retryAfter: retryAfter
            )
        }
    }

    /// Ends the session of a refresh token, and the access tokens it was given.
    ///
    /// - Throws: ``AuthFailure`` where the token is unknown; ``StoreError``.
    public func logout(_ token: RefreshToken) async throws {
        guard let accessTokens = try await store.endSession(of: token) else {
            throw AuthFailure(.authFailed, "The refresh token is not valid; there is nothing to log out from.")
        }
        try await revoke(accessTokens)
    }

    /// Ends the session of an access token, and the token itself also where it belongs to none.
    ///
    /// - Throws: ``AuthFailure`` where the token is not good, or has no id to revoke it by; ``StoreError``.
    public func logout(accessToken text: String) async throws {
        let token = try await verify(accessToken: text)
        guard let tokenID = token.tokenID?.rawValue else {
            throw AuthFailure(.invalidMessage, "The access token has no jti, so it cannot be ended alone; send the refresh token.")
        }
        var ended = try await store.endSession(ofAccessToken: tokenID) ?? []
        if !ended.contains(where: { $0.id == tokenID }) { ended.append(SessionAccessToken(id: tokenID, expiresAt: token.expiresAt)) }
        try await revoke(ended)
    }

    /// Revokes one token, or everything a user has: sessions, and access tokens issued up to now.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func revoke(_ subject: Revocation.Subject) async throws -> Revocation {
        // Sessions first: a refresh that is under way then finds none to record its access token in, and fails. The other way round, its
        // token could be newer than the revocation.
        if case .user(let userID) = subject { try await store.endSessions(of: userID) }
        let now = Int64(now().timeIntervalSince1970 * 1000)
        return try await add(Revocation(subject: subject, revokedAt: now, expiresAt: now + maxTokenLifetime.components.seconds * 1000))
    }

    /// Who the bearer of an access token is.
    ///
    /// - Throws: ``AuthFailure``.
    public func verify(accessToken: String) async throws(AuthFailure) -> VerifiedAccessToken {
        do {
            return try await verifier.verify(accessToken)
        } catch {
            throw AuthFailure(error.code, error.message)
        }
    }

    private func tokens(for grant: RefreshGrant) async throws -> AuthTokens {
        let access = try await issuer.issue(userID: grant.user.id, lifetime: accessTokenLifetime)
        do {
            try await store.record(SessionAccessToken(id: access.tokenID, expiresAt: access.expiresAt), in: grant.session)
        } catch let error as StoreError where error.code == .sessionEnded {
            throw AuthFailure(.authFailed, "The session has just been ended; log in again.")
        }
        return AuthTokens(accessToken: access.token, expiresIn: accessTokenLifetime, refreshToken: grant.token, user: grant.user)
    }

    /// Revokes each of the tokens, whatever fails for another: their session has ended, so that nobody will try again. All at a time: where
    /// others cannot be told, that is waited for once.
    private func revoke(_ accessTokens: [SessionAccessToken]) async throws {
        let now = Int64(now().timeIntervalSince1970 * 1000)
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            for token in accessTokens {
                group.addTask {
                    do {
                        try await add(Revocation(subject: .token(id: TokenID(token.id)), revokedAt: now, expiresAt: token.expiresAt))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    @discardableResult
    private func add(_ revocation: Revocation) async throws -> Revocation {
        // Here first: whatever fails after it, the tokens are refused here at least, and the caller learns of the failure. What could not be
        // told to others is tried all the same to be written down, so that they learn of it later.
        revocations.add(revocation)
        var failure: (any Error)?
        do { try await onRevocation(revocation) } catch { failure = error }
        try await store.add(revocation)
        if let failure { throw failure }
        return revocation
    }
}
