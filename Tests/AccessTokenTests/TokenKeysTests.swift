import Crypto
import CryptoExtras
import Foundation
import GatewayDomain
import JWTKit
import Testing

@testable import AccessToken

/// Where keys come from, and what is published of them.
@Suite struct TokenKeysTests {
    @Test func makesAKeyPairOnceAndForItsOwnerOnly() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "deep/key.pem")
        let first = try await TokenKeys.keyPair(file: file)
        let second = try await TokenKeys.keyPair(file: file)
        #expect(first.signingKey?.keyID == second.signingKey?.keyID)
        #expect(try directory.mode(of: "deep/key.pem") == 0o600)
        #expect(try directory.mode(of: "deep") == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.appending(path: "deep").path) == ["key.pem"])
    }

    @Test func startsAtOnceAgreeOnOneKey() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "key.pem")
        let keyIDs = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<16 { group.addTask { try await TokenKeys.keyPair(file: file).signingKey?.keyID } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(keyIDs.count == 1)
    }

    @Test func refusesAFileThatIsNoKey() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("key.pem", "hello".utf8)
        await expect(.malformed) { try await TokenKeys.keyPair(file: file) }
        await expect(.malformed) { try await TokenKeys.publicKey(file: file) }
        await expect(.malformed) { try await TokenKeys.jwks(file: file) }
        await expect(.unreadable) { try await TokenKeys.jwks(file: directory.url.appending(path: "absent")) }
    }

    /// The example of RFC 7638, section 3.1.
    @Test func thumbprintIsThatOfTheStandard() throws {
        let modulus =
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"
            + "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q"
            + "NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        let json = #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#
        let key = try JSONDecoder().decode(JSONWebKey.self, from: Data(json.utf8))
        #expect(key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test func publishesThePublicHalfOnly() async throws {
        let workshop = try await TokenWorkshop()
        let published = try JSONDecoder().decode(JSONWebKey.Set.self, from: workshop.keys.publicJWKS)
        #expect(published.keys.count == 1)
        #expect(published.keys.first?.kid == workshop.keyID)
        #expect(published.keys.first?.thumbprint == workshop.keyID)
        #expect(published.keys.first?.d == nil)

        // What is published verifies what is signed: here by this module, and by JWTKit itself.
        let file = try workshop.directory.file("jwks.json", workshop.keys.publicJWKS)
        let fromFile = try await TokenKeys.jwks(file: file)
        #expect(!fromFile.canSign)
        #expect(try await workshop.verifier(keys: fromFile).verify(try await workshop.token()).tokenID == "token-1")
        let jwtKit = try await JWTKeyCollection().add(jwksJSON: String(decoding: workshop.keys.publicJWKS, as: UTF8.self))
        _ = try await jwtKit.verify(try await workshop.token(), as: AnyPayload.self)
    }

    @Test func sharedSecretIsTheBytesOfTheFile() async throws {
        let directory = try TemporaryDirectory()
        let secret = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
        #expect(secret.utf8.count == 32)
        for ending in ["", "\n", "\r\n"] {
            let keys = try await TokenKeys.sharedSecret(file: try directory.file("secret", (secret + ending).utf8))
            let jwtKit = JWTKeyCollection()
            await jwtKit.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
            let token = try TokenWorkshop.token(header: #"{"alg":"HS256"}"#, algorithm: try await jwtKit.getKey())
            let workshop = try await TokenWorkshop()
            #expect(try await workshop.verifier(keys: keys).verify(token).tokenID == "token-1")
            #expect(String(decoding: keys.publicJWKS, as: UTF8.self) == #"{"keys":[]}"#)
            let none = try TokenWorkshop.token(header: #"{"alg":"HS256","kid":"any"}"#, algorithm: try await jwtKit.getKey())
            #expect(
                await failure { () throws(AccessTokenError) in try await workshop.verifier(keys: keys).verify(none) }
                    == .invalid(reason: "unknown key id")
            )
        }
    }

    @Test func sharedSecretHasAtLeast32Bytes() async throws {
        let directory = try TemporaryDirectory()
        let long = try directory.file("long", [UInt8](repeating: 0xFF, count: 32))
        #expect(try await TokenKeys.sharedSecret(file: long).canSign)
        let short = try directory.file("short", Array("0123456789012345678901234567890\n".utf8))
        let error = await expect(.secretTooShort) { try await TokenKeys.sharedSecret(file: short) }
        #expect(error?.message.contains("31 bytes") == true)
        #expect(error?.message.contains("0123456789") == false)
    }

    @Test func takesTheThreeAlgorithmsFromAKeySet() async throws {
        let workshop = try await TokenWorkshop()
        let edDSA = try EdDSA.PrivateKey(curve: .ed25519)
        let rsa = try Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        let (modulus, exponent) = try rsa.publicKey.getKeyPrimitives()
        let published = try JSONDecoder().decode(JSONWebKey.Set.self, from: workshop.keys.publicJWKS)
        let es256 = try #require(published.keys.first)
        let json = """
            {"keys": [
                {"kty":"EC","crv":"P-256","x":"\(es256.x ?? "")","y":"\(es256.y ?? "")","kid":"a"},
                {"kty":"OKP","crv":"Ed25519","x":"\(Base64URL.encode(edDSA.publicKey.rawRepresentation))","kid":"b","alg":"EdDSA"},
                {"kty":"RSA","n":"\(Base64URL.encode(modulus))","e":"\(Base64URL.encode(exponent))","kid":"c","use":"sig"},
                {"kty":"RSA","n":"AQAB","e":"AQAB","kid":"for-encryption","use":"enc"},
                {"kty":"EC","crv":"P-384","x":"AA","y":"AA","kid":"for-others"}
            ]}
            """
        let keys = try await TokenKeys.jwks(file: try workshop.directory.file("jwks.json", json.utf8))
        #expect(keys.verificationKeys.map(\.keyID) == ["a", "b", "c"])

        let signers = JWTKeyCollection()
        await signers.add(ecdsa: workshop.privateKey, kid: "a")
        await signers.add(eddsa: edDSA, kid: "b")
        await signers.add(rsa: rsa, digestAlgorithm: .sha256, kid: "c")
        for (keyID, algorithm) in [("a", "ES256"), ("b", "EdDSA"), ("c", "RS256")] {
            let signer = try await signers.getKey(for: JWKIdentifier(string: keyID))
            let token = try TokenWorkshop.token(header: #"{"alg":"\#(algorithm)","kid":"\#(keyID)"}"#, algorithm: signer)
            #expect(try await workshop.verifier(keys: keys).verify(token).tokenID == "token-1")
            // The same signature under another key's name, or under none.
            for (header, reason) in [
                (#"{"alg":"ES256","kid":"b"}"#, "algorithm is not the key's"), (#"{"alg":"\#(algorithm)"}"#, "no key id"),
                (#"{"alg":"RS256","kid":"for-encryption"}"#, "unknown key id"),
            ] {
                let token = try TokenWorkshop.token(header: header, algorithm: signer)
                #expect(
                    await failure { () throws(AccessTokenError) in try await workshop.verifier(keys: keys).verify(token) }
                        == .invalid(reason: reason)
                )
            }
        }
    }

    @Test(arguments: [
        (#"{"keys":[]}"#, TokenKeyError.Code.noUsableKey),
        (#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#, .malformed),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"AA"}]}"#, .malformed),
        (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a"}]}"#, .malformed),
        (#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"}]}"#, .malformed),
        (
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},"#
                + #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#, .malformed
        ),
        (#"{"kty":"EC"}"#, .malformed),
    ])
    func refusesKeySetsThatCannotBeMeant(json: String, code: TokenKeyError.Code) async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("jwks.json", json.utf8)
        await expect(code) { try await TokenKeys.jwks(file: file) }
    }

    @Test func aBarePublicKeyTakesAnyKeyID() async throws {
        let workshop = try await TokenWorkshop()
        let file = try workshop.directory.file("public.pem", workshop.privateKey.publicKey.pemRepresentation.utf8)
        let keys = try await TokenKeys.publicKey(file: file)
        let token = try await workshop.token(header: #"{"alg":"ES256","kid":"whatever"}"#)
        #expect(try await workshop.verifier(keys: keys).verify(token).tokenID == "token-1")
    }

    @discardableResult
    private func expect(_ code: TokenKeyError.Code, _ body: () async throws -> TokenKeys) async -> TokenKeyError? {
        let error = await #expect(throws: TokenKeyError.self) { _ = try await body() }
        #expect(error?.code == code)
        return error
    }

    private struct AnyPayload: JWTPayload {
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
