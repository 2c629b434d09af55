import AccessToken
import Crypto
import Foundation
import GatewayDomain
import Logging
public import Store

/// The auth service, opened and wired: what ``AuthRoutes`` serves, and what a gateway in the same process shares.
public struct AuthParts: Sendable {
    /// How it was set up.
    public let configuration: AuthConfiguration
    /// The keys that sign and verify access tokens.
    public let keys: TokenKeys
    /// Signs access tokens.
    public let issuer: AccessTokenIssuer
    /// Verifies access tokens, with the revocations known here.
    public let verifier: AccessTokenVerifier
    /// The revocations in force.
    public let revocations: RevocationList
    /// The database.
    public let store: SQLiteStore
    /// Login, refresh, logout and revocation, without HTTP.
    public let sessions: AuthSessions

    /// Privy's keys where they are fetched: keep them fresh with ``RemoteKeySet/run()``.
    public let privyKeys: RemoteKeySet?

    /// Connections of the service's own port that were ended for being slow: whoever serves it counts them here.
    public let timeouts = ListenerTimeouts()

    let development: DevelopmentPrivy?
    let failedLogins: FailedLoginLimiter

    /// Opens the database, loads or makes the keys and wires the rest.
    ///
    /// - Parameters:
    ///   - dataDirectory: holds `moonx.sqlite` and the key files; created with mode 0700 if it is not there.
    ///   - configuration: how to set up.
    ///   - logger: is told loudly about development mode.
    ///   - now: the wall clock.
    ///   - uptime: a clock that never goes back, for rate limits.
    ///   - onLogin: called after each login, with the user.
    ///   - onRevocation: called after each revocation, once tokens it concerns are refused: end live connections here, and tell other nodes.
    ///     What it throws is what the caller of the revocation gets.
    /// - Throws: ``AuthConfigurationError``, ``TokenKeyError`` or ``StoreError``, each with a message for the operator.
    public init(
        dataDirectory: URL,
        configuration: AuthConfiguration,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() },
        uptime: @escaping @Sendable () -> Duration = AuthParts.systemUptime(),
        onLogin: @escaping @Sendable (User) async -> Void = { _ in },
        onRevocation: @escaping @Sendable (Revocation) async throws -> Void = { _ in }
    ) async throws {
        try Self.check(configuration)
        self.configuration = configuration
        let successorKey = try Self.successorKey(in: dataDirectory)
        self.keys = try await configuration.signingKeys.load(from: dataDirectory)
        self.store = try SQLiteStore(
            .file(dataDirectory.appending(path: "moonx.sqlite")),
            rules: RefreshRules(
                lifetime: configuration.refreshTokenLifetime,
                maximumSessions: configuration.sessionsPerUser,
                maximumAccessTokens: configuration.tokensPerSession
            ),
            successorKey: successorKey,
            now: now
        )
        let revocations = RevocationList(try await store.revocations(), now: now)
        self.revocations = revocations
        self.issuer = try AccessTokenIssuer(keys: keys, issuer: configuration.issuer, audience: configuration.audience, now: now)
        self.verifier = AccessTokenVerifier(
            keys: keys,
            rules: AccessTokenRules(
                issuer: configuration.issuer,
                audience: configuration.audience,
                maxLifetime: configuration.maxTokenLifetime
            ),
            now: now,
            isRevoked: { revocations.isRevoked($0) }
        )
        self.development =
            configuration.isDevelopment
            ? try await DevelopmentPrivy(keyFile: dataDirectory.appending(path: "development-privy.pem"), now: now) : nil
        let privyKeys = try await Self.privyKeys(configuration.privy, logger: logger)
        self.privyKeys = privyKeys as? RemoteKeySet
        let privy = configuration.privy.flatMap { app in
            privyKeys.map { keys in PrivyVerifier(keys: keys, appID: app.appID, now: now) }
        }
        self.sessions = AuthSessions(
            providers: IdentityProviders(privy: privy, development: development),
            store: store,
            issuer: issuer,
            verifier: verifier,
            revocations: revocations,
            accessTokenLifetime: configuration.accessTokenLifetime,
            maxTokenLifetime: configuration.maxTokenLifetime,
            requiresRotation: configuration.requiresRotation,
            now: now,
            onLogin: onLogin,
            onRevocation: onRevocation
        )
        self.failedLogins = FailedLoginLimiter(rule: configuration.failedLogins, now: uptime)
        if configuration.isDevelopment {
            logger.warning("DEVELOPMENT LOGIN IS ON: anyone who reaches this service can log in as anyone. Never use this in production.")
        }
    }

    /// The time since this call, by a clock that never goes back.
    public static func systemUptime() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }

    private static func check(_ configuration: AuthConfiguration) throws(AuthConfigurationError) {
        guard configuration.privy != nil || configuration.isDevelopment else {
            throw AuthConfigurationError(
                code: .noIdentityProvider,
                message: "nobody could log in: give the Privy app id and its verification key, or turn the development login on"
            )
        }
        guard configuration.accessTokenLifetime >= .seconds(1), configuration.accessTokenLifetime <= configuration.maxTokenLifetime else {
            throw AuthConfigurationError(
                code: .badLifetime,
                message: "access tokens must last at least a second and no longer than the longest token life verifiers take"
            )
        }
        guard configuration.refreshTokenLifetime >= configuration.accessTokenLifetime else {
            throw AuthConfigurationError(code: .badLifetime, message: "refresh tokens must last at least as long as access tokens")
        }
    }

    private static func privyKeys(_ privy: AuthConfiguration.Privy?, logger: Logger) async throws -> (any TokenKeySource)? {
        switch privy?.verificationKey {
        case nil: nil
        case .pem(let file): try await TokenKeys.publicKey(file: file)
        case .jwks(let file): try await TokenKeys.jwks(file: file)
        case .remoteJWKS(let url):
            try await RemoteKeySet.load(url: url) { error in
                logger.warning("Privy's keys could not be fetched; those known stay in force", metadata: ["error": "\(error)"])
            }
        }
    }

    /// 32 random bytes, kept as hexadecimal digits so that no byte of them is taken for a trailing newline.
    private static func successorKey(in directory: URL) throws -> SymmetricKey {
        let file = directory.appending(path: "refresh-token.key")
        let text = try SecretFile.readOrCreate(file) {
            Array(SQLiteStore.systemRandomBytes(32).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().utf8)
        }
        guard text.count == 64, text.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            throw AuthConfigurationError(
                code: .badKeyFile,
                message: "\(file.path) is damaged: it should hold 64 hexadecimal digits; restore it, or delete it so that a new one is made"
            )
        }
        return SymmetricKey(data: text)
    }
}
