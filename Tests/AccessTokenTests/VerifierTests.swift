import Foundation
import GatewayDomain
import JWTKit
import Testing

@testable import AccessToken

/// Headers, signatures and keys: what is decided before a claim is looked at.
@Suite struct VerifierTests {
    @Test func takesAGoodToken() async throws {
        let workshop = try await TokenWorkshop()
        let verified = try await workshop.verifier().verify(try await workshop.token())
        #expect(verified.userID.rawValue == TokenWorkshop.userID)
        #expect(verified.tokenID == "token-1")
        #expect(verified.expiresAt == 1_800_000_900_000)
        #expect(verified.issuedAt == 1_800_000_000_000)
        #expect(verified.groups.isEmpty)
        #expect(verified.role == nil)
    }

    @Test func refusesAnUnknownKeyID() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(header: #"{"alg":"ES256","kid":"another"}"#)
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) }
                == .invalid(reason: "unknown key id")
        )
    }

    @Test func takesATokenWithoutKeyIDWhereThereIsOneKey() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(header: #"{"alg":"ES256"}"#)
        #expect(try await workshop.verifier().verify(token).tokenID == "token-1")
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", "", "ES384", "HS512", "PS256"])
    func refusesAlgorithmsNotOnTheList(algorithm: String) async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(header: #"{"alg":"\#(algorithm)","kid":"\#(workshop.keyID)"}"#)
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) }
                == .invalid(reason: "algorithm not allowed")
        )
    }

    @Test func refusesHMACWithThePublicKeyForASecret() async throws {
        let workshop = try await TokenWorkshop()
        let publicKeys = [workshop.privateKey.publicKey.pemRepresentation, String(decoding: workshop.keys.publicJWKS, as: UTF8.self)]
        for secret in publicKeys {
            let keys = JWTKeyCollection()
            await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
            let header = #"{"alg":"HS256","kid":"\#(workshop.keyID)"}"#
            let token = try TokenWorkshop.token(header: header, algorithm: try await keys.getKey())
            #expect(
                await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) }
                    == .invalid(reason: "algorithm is not the key's")
            )
        }
    }

    @Test func refusesTheSignatureOfAnotherKey() async throws {
        let workshop = try await TokenWorkshop()
        let other = try await TokenWorkshop()
        let token = try await other.token(header: #"{"alg":"ES256","kid":"\#(workshop.keyID)"}"#)
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) }
                == .invalid(reason: "wrong signature")
        )
    }

    @Test func refusesAStrippedSignature() async throws {
        let workshop = try await TokenWorkshop()
        let parts = try await workshop.token().split(separator: ".")
        for (token, reason) in [
            ("\(parts[0]).\(parts[1]).", "no signature"), ("\(parts[0]).\(parts[1])", "not three parts"),
            ("\(parts[0]).\(parts[1]).\(parts[2]).", "not three parts"), ("\(parts[0]).\(parts[1]).AAAA", "wrong signature"),
            ("\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 0, count: 64)))", "wrong signature"),
            ("", "not three parts"), ("..", "no signature"),
        ] {
            #expect(
                await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) } == .invalid(reason: reason)
            )
        }
    }

    @Test func refusesAChangedPayload() async throws {
        let workshop = try await TokenWorkshop()
        let parts = try await workshop.token().split(separator: ".")
        let other = Base64URL.encode(TokenWorkshop.payload(["role": #""admin""#]).utf8)
        let token = "\(parts[0]).\(other).\(parts[2])"
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) }
                == .invalid(reason: "wrong signature")
        )
    }

    @Test func refusesOtherSpellingsOfTheSameBytes() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token()
        for spelling in [token + "=", token + "\n", " " + token, token.replacingOccurrences(of: ".", with: ". ")] {
            #expect(
                await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(spelling) }
                    == .invalid(reason: "not base64url")
            )
        }
    }

    @Test(arguments: [
        (#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "critical header fields"),
        (#"{"alg":"none","alg":"ES256"}"#, "repeated header fields"),
        (#"{"\u0061lg":"ES256"}"#, "repeated header fields"),
        (#"{"alg":["ES256"]}"#, "malformed header"),
        (#"{"kid":"x"}"#, "malformed header"),
        (#"["ES256"]"#, "malformed header"),
        ("not JSON", "malformed header"),
    ])
    func refusesOddHeaders(header: String, reason: String) async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(header: header)
        #expect(await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) } == .invalid(reason: reason))
    }

    /// JWTKit's own header type traps on numbers that do not fit an Int.
    @Test func passesOverHugeNumbersInTheHeader() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(header: #"{"alg":"ES256","x":1e300,"jku":"https://evil.example","jwk":{"kty":"oct"}}"#)
        #expect(try await workshop.verifier().verify(token).tokenID == "token-1")
    }

    @Test func boundsTheSize() async throws {
        let workshop = try await TokenWorkshop()
        let small = try await workshop.token(payload: TokenWorkshop.payload(["x": "\"\(String(repeating: "x", count: 5000))\""]))
        #expect(try await workshop.verifier().verify(small).tokenID == "token-1")
        let large = try await workshop.token(payload: TokenWorkshop.payload(["x": "\"\(String(repeating: "x", count: 8192))\""]))
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(large) }
                == .invalid(reason: "token too long")
        )
    }

    @Test func asksForRevocationLast() async throws {
        let workshop = try await TokenWorkshop()
        let verifier = workshop.verifier(isRevoked: { $0.tokenID == "token-1" })
        let revoked = try await workshop.token()
        #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(revoked) } == .invalid(reason: "revoked"))
        let other = try await workshop.token(payload: TokenWorkshop.payload(["jti": #""token-2""#]))
        #expect(try await verifier.verify(other).tokenID == "token-2")
    }

    @Test func errorsHoldNothingOfTheToken() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(payload: TokenWorkshop.payload(["iss": #""secret-issuer""#]))
        do throws(AccessTokenError) {
            _ = try await workshop.verifier().verify(token)
            Issue.record("the token was taken")
        } catch {
            #expect(error.code == .authFailed)
            #expect(error.description == "access token invalid: wrong issuer")
            #expect(!error.message.contains("issuer"))
        }
    }
}
