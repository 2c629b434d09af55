import Foundation
import GatewayDomain
import JWTKit
import Testing

@testable import AccessToken

/// Makes tokens of any shape, signed with JWTKit, and the verifier they are meant for.
struct TokenWorkshop {
    static let now = 1_800_000_000.0
    static let userID = "0b51f0ac-9e0f-4c8e-b8b6-1b8c2f3a4d5e"

    let directory: TemporaryDirectory
    let keys: TokenKeys
    let privateKey: ES256PrivateKey
    let keyID: String

    init() async throws {
        directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "key.pem")
        keys = try await TokenKeys.keyPair(file: file)
        privateKey = try ES256PrivateKey(pem: String(contentsOf: file, encoding: .utf8))
        keyID = try #require(keys.signingKey?.keyID)
    }

    func verifier(
        issuer: String? = "moonx-auth",
        audience: String? = "moonx-gateway",
        keys: (any TokenKeySource)? = nil,
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false }
    ) -> AccessTokenVerifier {
        AccessTokenVerifier(
            keys: keys ?? self.keys,
            rules: AccessTokenRules(issuer: issuer, audience: audience),
            now: { Date(timeIntervalSince1970: Self.now) },
            isRevoked: isRevoked
        )
    }

    /// A payload that is good for fifteen minutes, with some members replaced (`nil` removes one).
    static func payload(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String] = [
            "sub": "\"\(userID)\"", "iss": "\"moonx-auth\"", "aud": "\"moonx-gateway\"", "type": "\"access\"", "jti": "\"token-1\"",
            "iat": "1800000000", "exp": "1800000900",
        ]
        for (name, value) in changes { members[name] = value }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A token with this header and payload, signed with the key pair.
    func token(header: String? = nil, payload: String = payload()) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: privateKey)
        return try Self.token(
            header: header ?? #"{"alg":"ES256","typ":"JWT","kid":"\#(keyID)"}"#,
            payload: payload,
            algorithm: try await keys.getKey()
        )
    }

    /// A token with this header and payload, signed with any of JWTKit's algorithms.
    static func token(header: String, payload: String = payload(), algorithm: any JWTAlgorithm) throws -> String {
        let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(payload.utf8))"
        return "\(signed).\(Base64URL.encode(try algorithm.sign(Data(signed.utf8))))"
    }
}

/// A folder that goes with its last reference.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// A file with these contents.
    func file(_ name: String, _ contents: some Sequence<UInt8>) throws -> URL {
        let file = url.appending(path: name)
        try Data(contents).write(to: file)
        return file
    }

    func mode(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
        return attributes[.posixPermissions] as? Int ?? -1
    }
}

/// The kind of the error thrown, or `nil` where none was.
func failure(_ body: () async throws(AccessTokenError) -> VerifiedAccessToken) async -> AccessTokenError.Kind? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error.kind
    }
}
