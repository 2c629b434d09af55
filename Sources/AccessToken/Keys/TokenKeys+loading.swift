import Foundation
import JWTKit

extension TokenKeys {
    /// The fewest bytes of a shared secret: HMAC-SHA-256 is as strong as its key, up to 32 bytes.
    public static let minimumSecretLength = 32

    /// An ES256 key pair kept in a PEM file, which is created with mode 0600 if it is not there. Its `kid` is its RFC 7638 thumbprint.
    ///
    /// - Throws: ``TokenKeyError`` with code `unreadable` or `malformed`.
    public static func keyPair(file: URL) async throws -> TokenKeys {
        let pem = try SecretFile.readOrCreate(file) { Array(ES256PrivateKey().pemRepresentation.utf8) }
        guard let privateKey = try? ES256PrivateKey(pem: String(decoding: pem, as: UTF8.self)) else {
            throw TokenKeyError.malformed(file: file, "it is not a P-256 private key in PEM; delete it so that a new one is made")
        }
        let published = try JSONWebKey(es256: privateKey.publicKey)
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: privateKey)
        let key = Key(keyID: published.kid, algorithm: .es256, implementation: try await keys.getKey())
        return try TokenKeys(signingKey: key, verificationKeys: [key], published: [published])
    }

    /// A shared HS256 secret: the bytes of the file less one trailing newline, not decoded. Tokens carry no `kid`.
    ///
    /// - Throws: ``TokenKeyError`` with code `unreadable`, or `secretTooShort` below ``minimumSecretLength`` bytes.
    public static func sharedSecret(file: URL) async throws -> TokenKeys {
        let secret = try SecretFile.read(file)
        guard secret.count >= minimumSecretLength else {
            throw TokenKeyError.secretTooShort(what: "the secret in \(file.path)", length: secret.count, minimum: minimumSecretLength)
        }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        let key = Key(keyID: nil, algorithm: .hs256, implementation: try await keys.getKey())
        return try TokenKeys(signingKey: key, verificationKeys: [key], published: [])
    }

    /// Public keys from a JWKS file, for verifying only. Keys for other algorithms and uses are passed over.
    ///
    /// - Throws: ``TokenKeyError`` with code `unreadable`, `malformed` (also where the set holds private keys or repeats a `kid`) or
    ///   `noUsableKey`.
    public static func jwks(file: URL) async throws -> TokenKeys {
        try await jwks(document: try SecretFile.read(file), source: file.path)
    }

    /// Public keys from a JWKS document that came from `source`, which errors name; otherwise as ``jwks(file:)``.
    static func jwks(document: [UInt8], source: String) async throws -> TokenKeys {
        guard let set = try? JSONDecoder().decode(JSONWebKey.Set.self, from: Data(document)) else {
            throw TokenKeyError.malformed(source, #"it is not a JWKS document: {"keys": [{"kty": …}, …]}"#)
        }
        guard set.keys.allSatisfy({ $0.d == nil && $0.k == nil }) else {
            throw TokenKeyError.malformed(source, "it holds private or symmetric keys; give the public ones only")
        }
        var keys: [Key] = []
        var published: [JSONWebKey] = []
        for (index, entry) in set.keys.enumerated() {
            guard let algorithm = entry.algorithm else { continue }
            guard let verifier = try? await entry.verifier() else {
                throw TokenKeyError.malformed(source, "key \(index + 1) is incomplete, not on its curve, or an RSA key below 2048 bits")
            }
            keys.append(Key(keyID: entry.kid, algorithm: algorithm, implementation: verifier))
            published.append(entry)
        }
        guard !keys.isEmpty else { throw TokenKeyError.noUsableKey(source) }
        guard Set(keys.map(\.keyID)).count == keys.count else {
            throw TokenKeyError.malformed(source, "two of its keys have the same kid, or none")
        }
        return try TokenKeys(signingKey: nil, verificationKeys: keys, published: published)
    }

    /// One ES256 public key from a PEM file, for verifying only, whatever `kid` a token names.
    ///
    /// - Throws: ``TokenKeyError`` with code `unreadable` or `malformed`.
    public static func publicKey(file: URL) async throws -> TokenKeys {
        let pem = try SecretFile.read(file)
        guard let publicKey = try? ES256PublicKey(pem: String(decoding: pem, as: UTF8.self)) else {
            throw TokenKeyError.malformed(file: file, "it is not a P-256 public key in PEM (-----BEGIN PUBLIC KEY-----)")
        }
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: publicKey)
        let key = Key(keyID: nil, algorithm: .es256, implementation: try await keys.getKey())
        return try TokenKeys(signingKey: nil, verificationKeys: [key], selection: .only, published: [JSONWebKey(es256: publicKey)])
    }
}
