import Foundation
import GatewayDomain
import JWTKit
import Synchronization
import Testing

@testable import AccessToken

/// What is decided without waiting is decided as it is with it.
@Suite struct AtOnceTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    /// Tokens with a shared secret, and the verifier they are meant for.
    private func shared(
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false }
    ) async throws -> (verifier: AccessTokenVerifier, algorithm: any JWTAlgorithm) {
        let workshop = try await TokenWorkshop()
        let keys = try await TokenKeys.sharedSecret(file: try workshop.directory.file("secret", Self.secret.utf8))
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha256)
        return (workshop.verifier(keys: keys, isRevoked: isRevoked), try await collection.getKey())
    }

    @Test func aTokenWithASharedSecretIsDecidedAtOnce() async throws {
        let (verifier, algorithm) = try await shared()
        let token = try TokenWorkshop.token(header: #"{"alg":"HS256"}"#, algorithm: algorithm)
        let verified = try #require(try verifier.verifyAtOnce(token))
        #expect(verified.userID.rawValue == TokenWorkshop.userID)
        #expect(try await verifier.verify(token) == verified)
        #expect(verifier.cacheStatistics == .init(hits: 1, misses: 1, count: 1))
    }

    @Test(
        arguments: [
            (#"{"alg":"HS256"}"#, TokenWorkshop.payload(["exp": "1800000000"])),
            (#"{"alg":"HS256"}"#, TokenWorkshop.payload(["exp": nil])),
            (#"{"alg":"HS256"}"#, TokenWorkshop.payload(["iss": "\"another\""])),
            (#"{"alg":"HS256"}"#, TokenWorkshop.payload(["sub": "\"x\""])),
            (#"{"alg":"HS256"}"#, #"{"exp":1,"exp":1800000900}"#),
            (#"{"alg":"none"}"#, TokenWorkshop.payload()),
            (#"{"alg":"ES256"}"#, TokenWorkshop.payload()),
            (#"{"alg":"HS256","crit":["a"]}"#, TokenWorkshop.payload()),
        ]
    )
    func aBadTokenIsRefusedForTheSameReason(_ header: String, _ payload: String) async throws {
        let (verifier, algorithm) = try await shared()
        let token = try TokenWorkshop.token(header: header, payload: payload, algorithm: algorithm)
        let reason = await failure { () throws(AccessTokenError) in try await verifier.verify(token) }
        #expect(reason != nil)
        #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce(token) }
        do throws(AccessTokenError) { _ = try verifier.verifyAtOnce(token) } catch { #expect(error.kind == reason) }
        #expect(verifier.cacheStatistics.count == 0)
    }

    @Test func theSignatureIsLookedAt() async throws {
        let (verifier, algorithm) = try await shared()
        let token = try TokenWorkshop.token(header: #"{"alg":"HS256"}"#, algorithm: algorithm)
        let parts = token.split(separator: ".")
        var signature = try #require(Base64URL.decode(Array(parts[2].utf8)))
        for index in signature.indices {
            signature[index] ^= 1
            #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce("\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))") }
            signature[index] ^= 1
        }
        #expect(try verifier.verifyAtOnce(token) != nil)
        #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce(String(repeating: "a", count: 9000)) }
    }

    /// There might be newer keys, which have to be waited for.
    @Test func aKeyThatIsNotKnownIsNotDecidedAtOnce() async throws {
        let (verifier, algorithm) = try await shared()
        let token = try TokenWorkshop.token(header: #"{"alg":"HS256","kid":"another"}"#, algorithm: algorithm)
        #expect(try verifier.verifyAtOnce(token) == nil)
        #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(token) } == .invalid(reason: "unknown key id"))
    }

    // MARK: ES256

    @Test func aTokenOfES256IsDecidedAtOnce() async throws {
        let workshop = try await TokenWorkshop()
        let isRevoked = Mutex(false)
        let verifier = workshop.verifier(isRevoked: { _ in isRevoked.withLock { $0 } })
        let token = try await workshop.token()
        let verified = try #require(try verifier.verifyAtOnce(token))
        #expect(verified.userID.rawValue == TokenWorkshop.userID)
        #expect(try await verifier.verify(token) == verified)
        #expect(verifier.cacheStatistics == .init(hits: 1, misses: 1, count: 1))
        isRevoked.withLock { $0 = true }
        do throws(AccessTokenError) { _ = try verifier.verifyAtOnce(token) } catch { #expect(error.kind == .invalid(reason: "revoked")) }
        #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce(token) }
    }

    @Test(
        arguments: [
            (nil, TokenWorkshop.payload(["exp": "1800000000"])),
            (nil, TokenWorkshop.payload(["exp": nil])),
            (nil, TokenWorkshop.payload(["nbf": "1800000900"])),
            (nil, TokenWorkshop.payload(["iat": "1800000900"])),
            (nil, TokenWorkshop.payload(["iss": "\"another\""])),
            (nil, TokenWorkshop.payload(["aud": "\"another\""])),
            (nil, TokenWorkshop.payload(["type": "\"refresh\""])),
            (nil, #"{"exp":1,"exp":1800000900}"#),
            (#"{"alg":"none"}"#, TokenWorkshop.payload()),
            (#"{"alg":"HS256"}"#, TokenWorkshop.payload()),
            (#"{"alg":"ES256","crit":["a"]}"#, TokenWorkshop.payload()),
        ] as [(String?, String)]
    )
    func aBadTokenOfES256IsRefusedForTheSameReason(_ header: String?, _ payload: String) async throws {
        let workshop = try await TokenWorkshop()
        let verifier = workshop.verifier()
        let token = try await workshop.token(header: header, payload: payload)
        let reason = await failure { () throws(AccessTokenError) in try await verifier.verify(token) }
        #expect(reason != nil)
        #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce(token) }
        do throws(AccessTokenError) { _ = try verifier.verifyAtOnce(token) } catch { #expect(error.kind == reason) }
        #expect(verifier.cacheStatistics.count == 0)
    }

    @Test func theSignatureOfES256IsLookedAt() async throws {
        let workshop = try await TokenWorkshop()
        let (verifier, another) = (workshop.verifier(), try await TokenWorkshop())
        let parts = try await workshop.token().split(separator: ".")
        var signature = try #require(Base64URL.decode(Array(parts[2].utf8)))
        for index in signature.indices {
            signature[index] ^= 1
            #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce("\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))") }
            signature[index] ^= 1
        }
        let foreign = try await another.token(header: #"{"alg":"ES256","kid":"\#(workshop.keyID)"}"#)
        #expect(throws: AccessTokenError.self) { try verifier.verifyAtOnce(foreign) }
        #expect(verifier.cacheStatistics.count == 0)
    }

    // MARK: What takes longer

    @Test func aLongerSignatureIsDecidedAtOnceWhereTheTokenIsRemembered() async throws {
        let workshop = try await TokenWorkshop()
        let signer = try EdDSA.PrivateKey(curve: .ed25519)
        let x = Base64URL.encode(signer.publicKey.rawRepresentation)
        let document = #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)","kid":"a","alg":"EdDSA"}]}"#
        let keys = try await TokenKeys.jwks(file: try workshop.directory.file("jwks.json", document.utf8))
        let signers = JWTKeyCollection()
        await signers.add(eddsa: signer)
        let verifier = workshop.verifier(keys: keys)
        let token = try TokenWorkshop.token(header: #"{"alg":"EdDSA","kid":"a"}"#, algorithm: try await signers.getKey())
        #expect(try verifier.verifyAtOnce(token) == nil)
        let verified = try await verifier.verify(token)
        #expect(try verifier.verifyAtOnce(token) == verified)
        #expect(verifier.cacheStatistics == .init(hits: 1, misses: 1, count: 1))
    }

    @Test func namesAreComparedHoweverManyThereAre() {
        for count in [1, 23, 24, 25, 200] {
            let members = (0..<count).map { "\"name\($0)\":1" }
            #expect(MemberNames.areUnique(in: Array("{\(members.joined(separator: ","))}".utf8)))
            for repeated in [0, count / 2, count - 1] {
                let text = (members + [members[repeated]]).joined(separator: ",")
                #expect(!MemberNames.areUnique(in: Array("{\(text)}".utf8)), "\(repeated) of \(count)")
            }
        }
    }
}
