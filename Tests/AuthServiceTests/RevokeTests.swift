import AccessToken
import Foundation
import GatewayDomain
import HTTPTypes
import Testing

@testable import AuthService

@Suite struct RevokeTests {
    @Test func revokingAUserEndsEverythingUpToNow() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            let bob = try await client.login("bob")
            let userID = try #require(login.userID.flatMap { UserID($0) })
            let answer = try await client.post("revoke", bearer: AuthFixture.serviceToken, #"{"userId":"\#(userID)"}"#)
            #expect(answer.status == .ok)
            #expect(fixture.revoked.all.map(\.subject) == [.user(userID)])
            #expect(try await client.get("verify", bearer: login["accessToken"]).errorCode == "AUTH_FAILED")
            #expect(try await client.post("refresh", bearer: login["refreshToken"]).errorCode == "AUTH_FAILED")
            #expect(try await client.get("verify", bearer: bob["accessToken"]).status == .ok)
            // Even within the same second, a new login is good.
            fixture.clock.advance(by: 0.01)
            #expect(try await client.get("verify", bearer: try await client.login()["accessToken"]).status == .ok)
        }
        // It outlasts a restart.
        let again = try await fixture.restarted()
        #expect(again.revocations.count == 1)
    }

    @Test func revokingOneTokenLeavesTheOthers() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let first = try await client.login()
            let second = try await client.login()
            let token = try #require(first["accessToken"])
            let tokenID = try #require(try await fixture.parts.verifier.verify(token).tokenID)
            #expect(try await client.post("revoke", bearer: AuthFixture.serviceToken, #"{"jti":"\#(tokenID)"}"#).status == .ok)
            #expect(try await client.get("verify", bearer: token).errorCode == "AUTH_FAILED")
            #expect(try await client.get("verify", bearer: second["accessToken"]).status == .ok)
        }
    }

    @Test func needsTheServiceToken() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let body = #"{"jti":"one"}"#
            let anonymous = try await client.post("revoke", body)
            #expect(anonymous.errorCode == "AUTH_REQUIRED")
            #expect(try await client.post("revoke", bearer: "service-token-of-the-testS", body).errorCode == "AUTH_FAILED")
            #expect(try await client.post("revoke", bearer: try await client.login()["accessToken"], body).errorCode == "AUTH_FAILED")
            #expect(try await client.post("revoke", bearer: AuthFixture.serviceToken, body).status == .ok)
        }
        let without = try await AuthFixture { $0.serviceToken = nil }
        try await without.run { client in
            let answer = try await client.post("revoke", bearer: "", #"{"jti":"one"}"#)
            #expect(answer.status == .forbidden)
            #expect(answer.errorCode == "ACCESS_DENIED")
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"userId":"short"}"#, #"{"jti":""}"#, #"{"userId":"user-0001","jti":"one"}"#])
    func saysWhatARevocationShouldLookLike(body: String) async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let answer = try await client.post("revoke", bearer: AuthFixture.serviceToken, body)
            #expect(answer.status == .badRequest)
            #expect(answer.errorCode == "INVALID_MESSAGE")
        }
        #expect(fixture.revoked.all.isEmpty)
    }
}
