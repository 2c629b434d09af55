import Foundation
import JWTKit

/// The keys by which tokens are signed and verified. A value: replace it to rotate keys.
///
/// JWTKit does the cryptography. Which key is used is decided here, because JWTKit's own collection falls back to its default key
/// where a `kid` is unknown.
public struct TokenKeys: Sendable {
    /// One key and the only algorithm it is used with.
    struct Key: Sendable {
        var keyID: String?
        var algorithm: TokenAlgorithm
        var implementation: any JWTAlgorithm
    }

    /// How the `kid` of a token chooses the key.
    enum Selection: Sendable {
        /// The `kid` must be that of a key; a token without one needs a set of one key.
        case byKeyID
        /// There is one key, and whatever the `kid` says is ignored: for a key given as bare PEM, which has no name.
        case only
    }

    let signingKey: Key?
    let verificationKeys: [Key]
    let selection: Selection
    /// The JWKS document (JSON) by which others can verify what these keys sign. A shared secret is never in it: then it has no keys.
    public let publicJWKS: Data

    init(signingKey: Key?, verificationKeys: [Key], selection: Selection = .byKeyID, published: [JSONWebKey]) throws {
        self.signingKey = signingKey
        self.verificationKeys = verificationKeys
        self.selection = selection
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.publicJWKS = try encoder.encode(JSONWebKey.Set(keys: published))
    }

    /// Whether tokens can be signed, and not only verified.
    public var canSign: Bool { signingKey != nil }

    /// How many keys there are to verify with.
    public var count: Int { verificationKeys.count }

    /// Whether a signature is checked in so few microseconds that an event loop may do it: two for a shared secret, some 25 for ES256, which
    /// is less than the way to another thread and back and a fraction of what a connection costs anyway.
    var isQuick: Bool { verificationKeys.allSatisfy { $0.algorithm == .hs256 || $0.algorithm == .es256 } }

    /// A JWT with these claims.
    ///
    /// - Throws: ``TokenKeyError`` with code `cannotSign` where the keys only verify; encoding errors.
    package func sign(_ claims: some Encodable) throws -> String {
        guard let signingKey else { throw TokenKeyError.cannotSign }
        let header = CompactToken.Header(alg: signingKey.algorithm.rawValue, kid: signingKey.keyID, typ: "JWT")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let signed = "\(Base64URL.encode(try encoder.encode(header))).\(Base64URL.encode(try encoder.encode(claims)))"
        let signature = try signingKey.implementation.sign(Data(signed.utf8))
        return "\(signed).\(Base64URL.encode(signature))"
    }

    /// The payload of a token whose signature is right. Claims are for the caller to judge. With `required`, other algorithms are refused
    /// even where there is a key for them.
    ///
    /// - Throws: ``AccessTokenError`` of kind `invalid`.
    func verifiedPayload(of token: CompactToken, required: TokenAlgorithm? = nil) throws(AccessTokenError) -> [UInt8] {
        guard let algorithm = TokenAlgorithm(rawValue: token.header.alg), required == nil || algorithm == required else {
            throw .invalid("algorithm not allowed")
        }
        let key = try key(for: token.header.kid)
        guard key.algorithm == algorithm else { throw .invalid("algorithm is not the key's") }
        let isRight = try? key.implementation.verify(token.signature, signs: token.signedBytes)
        guard isRight == true else { throw .invalid("wrong signature") }
        return token.payload
    }

    private func key(for keyID: String?) throws(AccessTokenError) -> Key {
        switch (selection, keyID) {
        case (.byKeyID, let keyID?):
            guard let key = verificationKeys.first(where: { $0.keyID == keyID }) else { throw .unknownKeyID }
            return key
        case (.byKeyID, nil), (.only, _):
            guard verificationKeys.count == 1, let key = verificationKeys.first else { throw .invalid("no key id") }
            return key
        }
    }
}
