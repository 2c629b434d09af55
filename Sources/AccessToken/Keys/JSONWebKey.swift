import Crypto
import Foundation
import JWTKit

/// One key of a JWKS (RFC 7517), with the fields that matter here.
struct JSONWebKey: Codable {
    var kty: String
    var crv: String?
    var x: String?
    var y: String?
    var n: String?
    var e: String?
    var kid: String?
    var use: String?
    var alg: String?
    /// The private part; a set for verification has no business with one.
    var d: String?
    /// The bytes of a symmetric key; likewise.
    var k: String?

    /// A whole set.
    struct Set: Codable {
        var keys: [JSONWebKey]
    }

    /// The public key of an ES256 pair, named by its thumbprint.
    init(es256 key: ES256PublicKey) throws(TokenKeyError) {
        guard let parameters = key.parameters, let x = Data(base64Encoded: parameters.x), let y = Data(base64Encoded: parameters.y) else {
            throw TokenKeyError(code: .malformed, message: "the ES256 key has no coordinates; delete its file so that a new one is made")
        }
        self.init(kty: "EC", crv: "P-256", x: Base64URL.encode(x), y: Base64URL.encode(y), use: "sig", alg: "ES256")
        self.kid = thumbprint
    }

    private init(kty: String, crv: String?, x: String?, y: String?, use: String?, alg: String?) {
        self.kty = kty
        self.crv = crv
        self.x = x
        self.y = y
        self.use = use
        self.alg = alg
    }

    /// The SHA-256 thumbprint of RFC 7638: of the required fields, in the order of their names, without spaces.
    var thumbprint: String? {
        switch (kty, crv, x, y, n, e) {
        case ("EC", let crv?, let x?, let y?, _, _): Self.hash(#"{"crv":"\#(crv)","kty":"EC","x":"\#(x)","y":"\#(y)"}"#)
        case ("OKP", let crv?, let x?, _, _, _): Self.hash(#"{"crv":"\#(crv)","kty":"OKP","x":"\#(x)"}"#)
        case ("RSA", _, _, _, let n?, let e?): Self.hash(#"{"e":"\#(e)","kty":"RSA","n":"\#(n)"}"#)
        default: nil
        }
    }

    /// The one algorithm this key is for, or `nil` where it is none of ours (then the key is passed over: sets hold keys for others too).
    var algorithm: TokenAlgorithm? {
        guard use == nil || use == "sig" else { return nil }
        let algorithm: TokenAlgorithm? =
            switch (kty, crv) {
            case ("EC", "P-256"): .es256
            case ("OKP", "Ed25519"): .edDSA
            case ("RSA", _): .rs256
            default: nil
            }
        return alg == nil || alg == algorithm?.rawValue ? algorithm : nil
    }

    /// JWTKit's key for verifying.
    ///
    /// - Throws: JWTKit's errors, where the numbers make no key, or an RSA key has fewer than 2048 bits.
    func verifier() async throws -> (any JWTAlgorithm)? {
        let keys = JWTKeyCollection()
        switch (algorithm, x, y, n, e) {
        case (.es256, let x?, let y?, _, _): await keys.add(ecdsa: try ES256PublicKey(parameters: (x, y)))
        case (.edDSA, let x?, _, _, _): await keys.add(eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519))
        case (.rs256, _, _, let n?, let e?):
            await keys.add(rsa: try Insecure.RSA.PublicKey(modulus: n, exponent: e), digestAlgorithm: .sha256)
        default: return nil
        }
        return try await keys.getKey()
    }

    private static func hash(_ canonical: String) -> String {
        Base64URL.encode(SHA256.hash(data: Data(canonical.utf8)))
    }
}
