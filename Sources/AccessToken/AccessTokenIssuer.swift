import Foundation
import GatewayDomain

/// Signs access tokens that an ``AccessTokenVerifier`` with the same keys, issuer and audience takes.
public struct AccessTokenIssuer: Sendable {
    /// A token just signed.
    public struct Issued: Sendable, CustomStringConvertible {
        /// The token itself: a secret.
        public let token: String
        /// Its `jti`.
        public let tokenID: String
        /// When it expires, in milliseconds since 1970.
        public let expiresAt: Int64

        /// Leaves the token out, so that printing the value gives nothing away.
        public var description: String { "access token \(tokenID)" }
    }

    private let keys: TokenKeys
    private let issuer: String?
    private let audience: String?
    private let now: @Sendable () -> Date
    private let makeTokenID: @Sendable () -> String

    /// An issuer that writes `issuer` and `audience` into each token.
    ///
    /// - Throws: ``TokenKeyError`` with code `cannotSign` where the keys can only verify.
    public init(
        keys: TokenKeys,
        issuer: String?,
        audience: String?,
        now: @escaping @Sendable () -> Date = { Date() },
        makeTokenID: @escaping @Sendable () -> String = { UUID().uuidString.lowercased() }
    ) throws(TokenKeyError) {
        guard keys.canSign else { throw TokenKeyError.cannotSign }
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
        self.now = now
        self.makeTokenID = makeTokenID
    }

    /// Signs a token for the user, good from now on for `lifetime` (at least a millisecond).
    ///
    /// `iat` and `exp` carry milliseconds, as RFC 7519 allows: a user who logs in again within the second of a revocation gets a token that
    /// is newer than the revocation.
    ///
    /// - Throws: ``TokenKeyError`` with code `badLifetime` or `cannotSign`.
    public func issue(
        userID: UserID,
        role: String? = nil,
        groups: [String] = [],
        lifetime: Duration
    ) async throws -> Issued {
        let milliseconds = lifetime.components.seconds * 1000 + lifetime.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { throw TokenKeyError.badLifetime }
        let issuedAt = Int64(now().timeIntervalSince1970 * 1000)
        let expiresAt = issuedAt + milliseconds
        let tokenID = makeTokenID()
        let claims = AccessTokenClaims(
            subject: userID.rawValue,
            issuer: issuer,
            audience: audience.map { .one($0) },
            expiresAt: Double(expiresAt) / 1000,
            issuedAt: Double(issuedAt) / 1000,
            tokenID: tokenID,
            role: role,
            groups: groups.isEmpty ? nil : groups
        )
        return Issued(token: try keys.sign(claims), tokenID: tokenID, expiresAt: expiresAt)
    }
}
