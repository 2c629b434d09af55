import Foundation
import GatewayDomain
import Testing

@testable import AccessToken

@Suite struct IssuerTests {
    private let user = UserID("0b51f0ac-9e0f-4c8e-b8b6-1b8c2f3a4d5e")

    @Test func whatIsIssuedVerifies() async throws {
        let workshop = try await TokenWorkshop()
        let issuer = try AccessTokenIssuer(
            keys: workshop.keys,
            issuer: "moonx-auth",
            audience: "moonx-gateway",
            now: { Date(timeIntervalSince1970: TokenWorkshop.now + 0.25) },
            makeTokenID: { "made-here" }
        )
        let user = try #require(user)
        let issued = try await issuer.issue(userID: user, role: "trader", groups: ["group-one"], lifetime: .seconds(900))
        #expect(issued.expiresAt == 1_800_000_900_250)
        #expect(!"\(issued)".contains(issued.token))
        let verified = try await workshop.verifier().verify(issued.token)
        let expected = VerifiedAccessToken(
            userID: user,
            tokenID: "made-here",
            role: "trader",
            groups: ["group-one"],
            expiresAt: issued.expiresAt,
            issuedAt: 1_800_000_000_250
        )
        #expect(verified == expected)
    }

    @Test func refusesLifetimesThatAreNone() async throws {
        let workshop = try await TokenWorkshop()
        let issuer = try AccessTokenIssuer(keys: workshop.keys, issuer: nil, audience: nil)
        let user = try #require(user)
        #expect(try await issuer.issue(userID: user, lifetime: .milliseconds(1)).token.isEmpty == false)
        for lifetime in [Duration.zero, .seconds(-1), .microseconds(999)] {
            await #expect(throws: TokenKeyError.self) { try await issuer.issue(userID: user, lifetime: lifetime) }
        }
    }

    @Test func needsKeysThatSign() async throws {
        let workshop = try await TokenWorkshop()
        let file = try workshop.directory.file("jwks.json", workshop.keys.publicJWKS)
        let publicKeys = try await TokenKeys.jwks(file: file)
        #expect(throws: TokenKeyError.self) { try AccessTokenIssuer(keys: publicKeys, issuer: nil, audience: nil) }
    }
}
