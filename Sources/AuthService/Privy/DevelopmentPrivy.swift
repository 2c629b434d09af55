import AccessToken
import Foundation

/// Stands in for Privy in development: mints tokens like Privy's for whoever asks, with a key of its own. Never for production.
public struct DevelopmentPrivy: Sendable {
    /// The app id that development tokens are for.
    public static let appID = "moonx-development"
    private static let didPrefix = PrivyVerifier.didPrefix + "dev-"
    private static let lifetime = 3600.0

    private let keys: TokenKeys
    private let verifier: PrivyVerifier
    private let now: @Sendable () -> Date

    /// The stand-in with the key pair in this PEM file, which is created with mode 0600 if it is not there.
    ///
    /// - Throws: ``TokenKeyError``.
    public init(keyFile: URL, now: @escaping @Sendable () -> Date = { Date() }) async throws {
        self.keys = try await .keyPair(file: keyFile)
        self.verifier = PrivyVerifier(keys: keys, appID: Self.appID, now: now)
        self.now = now
    }

    /// Whether the name may be used: `[a-z0-9-]{1,32}`.
    public static func isValid(name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    /// A token for the DID `did:privy:dev-<name>`, good for an hour; the name must be valid.
    func mint(name: String) throws -> String {
        precondition(Self.isValid(name: name))
        let now = now().timeIntervalSince1970.rounded(.down)
        return try keys.sign(
            PrivyClaims(
                iss: PrivyVerifier.issuer,
                aud: .one(Self.appID),
                sub: Self.didPrefix + name,
                exp: now + Self.lifetime,
                iat: now,
                sid: "development"
            )
        )
    }

    /// Whom a token minted here names.
    ///
    /// - Throws: ``AccessTokenError``.
    func verify(_ token: String) async throws(AccessTokenError) -> PrivyIdentity {
        let identity = try await verifier.verify(token)
        // This key must not speak for people who log in with Privy itself.
        guard identity.did.hasPrefix(Self.didPrefix) else { throw .invalid("not a development identity") }
        return PrivyIdentity(did: identity.did, displayName: String(identity.did.dropFirst(Self.didPrefix.count)))
    }
}
