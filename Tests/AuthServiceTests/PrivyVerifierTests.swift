import AccessToken
import Foundation
import JWTKit
import Testing

@testable import AuthService

@Suite struct PrivyVerifierTests {
    private static let now = 1_800_000_000.0

    /// A token as Privy signs them: its `kid` is none that a bare PEM key could know.
    private func token(_ changes: [String: String?] = [:], key: ES256PrivateKey) async throws -> String {
        var members: [String: String] = [
            "sid": #""session""#, "iss": #""privy.io""#, "aud": #""app-1""#, "sub": #""did:privy:abc""#, "iat": "1800000000",
            "exp": "1800003600",
        ]
        for (name, value) in changes { members[name] = value }
        let payload = "{" + members.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}"
        let signed = [#"{"alg":"ES256","typ":"JWT","kid":"privy-key"}"#, payload].map { Base64URL.encode($0.utf8) }.joined(separator: ".")
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        return "\(signed).\(Base64URL.encode(try await keys.getKey().sign(Data(signed.utf8))))"
    }

    private func verifier(_ key: ES256PrivateKey) async throws -> PrivyVerifier {
        let file = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        try key.publicKey.pemRepresentation.write(to: file, atomically: true, encoding: .utf8)
        return PrivyVerifier(
            keys: try await TokenKeys.publicKey(file: file),
            appID: "app-1",
            now: { Date(timeIntervalSince1970: Self.now) }
        )
    }

    @Test(
        arguments: [
            ([:], nil),
            (["aud": #"["app-1"]"#], nil),
            (["iat": nil], nil),
            (["iss": #""evil.io""#], .invalid(reason: "wrong issuer")),
            (["aud": #""app-2""#], .invalid(reason: "wrong audience")),
            (["sub": #""did:web:abc""#], .invalid(reason: "sub is not a Privy DID")),
            (["sub": #""did:privy:""#], .invalid(reason: "sub is not a Privy DID")),
            (["sub": nil], .invalid(reason: "malformed claims")),
            (["exp": nil], .invalid(reason: "malformed claims")),
            (["exp": "1800000000"], .expired),
            (["exp": "1800000001"], nil),
            (["exp": "-1e300"], .expired),
            (["iat": "1800000031"], .invalid(reason: "issued in the future")),
            (["nbf": "1800000031"], .invalid(reason: "not yet valid")),
        ] as [([String: String?], AccessTokenError.Kind?)]
    )
    func claims(changes: [String: String?], outcome: AccessTokenError.Kind?) async throws {
        let key = ES256PrivateKey()
        let verifier = try await verifier(key)
        let token = try await token(changes, key: key)
        do throws(AccessTokenError) {
            #expect(try await verifier.verify(token).did == "did:privy:abc")
            #expect(outcome == nil)
        } catch {
            #expect(error.kind == outcome)
        }
    }

    @Test func refusesOtherKeys() async throws {
        let verifier = try await verifier(ES256PrivateKey())
        let token = try await token(key: ES256PrivateKey())
        await #expect(throws: AccessTokenError.self) { try await verifier.verify(token) }
    }

    @Test func developmentTokensAreForDevelopmentOnly() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "key.pem")
        let development = try await DevelopmentPrivy(keyFile: file, now: { Date(timeIntervalSince1970: Self.now) })
        let identity = try await development.verify(try development.mint(name: "alice"))
        #expect(identity == PrivyIdentity(did: "did:privy:dev-alice", displayName: "alice"))
        // The development key does not speak for real people.
        let key = try ES256PrivateKey(pem: String(contentsOf: file, encoding: .utf8))
        let published = try await TokenKeys.keyPair(file: file)
        #expect(published.canSign)
        let forged = try await token(["aud": #""moonx-development""#], key: key)
        await #expect(throws: AccessTokenError.self) { try await development.verify(forged) }
        let real = try await verifier(ES256PrivateKey())
        let minted = try development.mint(name: "alice")
        await #expect(throws: AccessTokenError.self) { try await real.verify(minted) }
    }
}
