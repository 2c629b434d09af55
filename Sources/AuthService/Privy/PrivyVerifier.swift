import AccessToken
import Foundation

/// Verifies the access tokens of Privy: ES256, issued by `privy.io` for this app, not expired.
public struct PrivyVerifier: Sendable {
    static let issuer = "privy.io"
    static let didPrefix = "did:privy:"
    private static let clockLeeway = 30.0

    private let keys: any TokenKeySource
    private let appID: String
    private let now: @Sendable () -> Date

    /// A verifier for the Privy app with this id.
    public init(keys: any TokenKeySource, appID: String, now: @escaping @Sendable () -> Date = { Date() }) {
        self.keys = keys
        self.appID = appID
        self.now = now
    }

    /// Whom the token names, if it is good now.
    ///
    /// - Throws: ``AccessTokenError``: `expired` only where nothing else is wrong.
    public func verify(_ token: String) async throws(AccessTokenError) -> PrivyIdentity {
        let (payload, _) = try await keys.verifiedPayload(of: token, required: .es256)
        guard let claims = try? JSONDecoder().decode(PrivyClaims.self, from: Data(payload)) else { throw .invalid("malformed claims") }
        let now = now().timeIntervalSince1970
        guard claims.iss == Self.issuer else { throw .invalid("wrong issuer") }
        guard claims.aud.contains(appID) else { throw .invalid("wrong audience") }
        guard claims.sub.hasPrefix(Self.didPrefix), (Self.didPrefix.utf8.count + 1...128).contains(claims.sub.utf8.count) else {
            throw .invalid("sub is not a Privy DID")
        }
        guard claims.exp.isFinite else { throw .invalid("exp is not a time") }
        if let issuedAt = claims.iat, !(issuedAt <= now + Self.clockLeeway) { throw .invalid("issued in the future") }
        if let notBefore = claims.nbf, !(notBefore <= now + Self.clockLeeway) { throw .invalid("not yet valid") }
        if claims.exp <= now { throw AccessTokenError(.expired) }
        return PrivyIdentity(did: claims.sub, displayName: nil)
    }
}

/// The claims of a Privy access token that matter here.
struct PrivyClaims: Codable {
    var iss: String
    var aud: Audience
    var sub: String
    var exp: Double
    var iat: Double?
    var nbf: Double?
    /// Privy's session id; only written.
    var sid: String?
}
