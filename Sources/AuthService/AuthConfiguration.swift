import AccessToken
import Foundation
import GatewayDomain

/// How the auth service is set up.
public struct AuthConfiguration: Sendable {
    /// Where the keys come from that sign access tokens.
    public enum SigningKeys: Sendable {
        /// An ES256 key pair in the data folder, made at the first start.
        case generated
        /// An HS256 secret: the bytes of the file less one trailing newline, at least 32.
        case sharedSecret(URL)

        /// The keys, made at the first use; for commands that sign tokens without running the service.
        ///
        /// - Throws: ``TokenKeyError``.
        public func load(from dataDirectory: URL) async throws -> TokenKeys {
            switch self {
            case .generated: try await .keyPair(file: dataDirectory.appending(path: "access-token.pem"))
            case .sharedSecret(let file): try await .sharedSecret(file: file)
            }
        }
    }

    /// The Privy app whose users may log in.
    public struct Privy: Sendable {
        /// Where Privy's verification key is.
        public enum VerificationKey: Sendable {
            /// A PEM file with one public key, as Privy's dashboard shows it.
            case pem(URL)
            /// A JWKS file.
            case jwks(URL)
            /// A JWKS that is fetched, and fetched again where it changes: `https://auth.privy.io/api/v1/apps/<app id>/jwks.json`.
            case remoteJWKS(URL)
        }

        /// The app id: the `aud` of its tokens.
        public var appID: String
        /// The key its tokens are verified with.
        public var verificationKey: VerificationKey

        /// A Privy app with this id and key.
        public init(appID: String, verificationKey: VerificationKey) {
            self.appID = appID
            self.verificationKey = verificationKey
        }
    }

    /// `iss` of the access tokens, and demanded of them.
    public var issuer = "moonx-auth"
    /// `aud` of the access tokens, and demanded of them.
    public var audience = "moonx-gateway"
    /// Where the signing keys come from.
    public var signingKeys = SigningKeys.generated
    /// How long an access token lasts.
    public var accessTokenLifetime = Duration.seconds(15 * 60)
    /// How far ahead the expiry of an access token may lie, whoever signed it; a revocation is remembered as long.
    public var maxTokenLifetime = Duration.seconds(24 * 3600)
    /// How long a refresh token lasts from when it is given out.
    public var refreshTokenLifetime = Duration.seconds(30 * 86_400)
    /// How many sessions a user may have: one login more ends the oldest of those that are not in use.
    public var sessionsPerUser = 100
    /// How many access tokens of a session may be good at a time: one refresh more is refused until one expires.
    public var tokensPerSession = 60
    /// Whether every refresh gives a new refresh token, also to clients that did not ask for it.
    public var requiresRotation = false
    /// The secret that may revoke; without one, nobody may over HTTP.
    public var serviceToken: ServiceToken?
    /// The Privy app; needed outside development.
    public var privy: Privy?
    /// Whether anyone may log in under any name. For development only.
    public var isDevelopment = false
    /// The origins whose pages may call the service from a browser.
    public var allowedOrigins = AllowedOrigins()
    /// Failed logins permitted to one address; `nil` lifts the limit.
    public var failedLogins: TokenBucket.Rule? = TokenBucket.Rule(rate: 1, burst: 60)

    /// The defaults, with no identity provider yet: set `privy` or `isDevelopment`.
    public init() {}
}
