import AccessToken
import Foundation
import HTTPTypes
import Store
import Testing

@testable import AuthService

/// Refresh and logout over HTTP. The rules of rotation themselves are tested with the store.
@Suite struct RefreshTests {
    @Test func withoutRotationTheTokenIsAnsweredAgain() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            for _ in 0..<2 {
                let refreshed = try await client.post("refresh", bearer: login["refreshToken"])
                #expect(refreshed.status == .ok)
                #expect(refreshed["refreshToken"] == login["refreshToken"])
                #expect(refreshed["accessToken"] != login["accessToken"])
                #expect(refreshed.userID == login.userID)
                #expect(try await client.get("verify", bearer: refreshed["accessToken"]).status == .ok)
            }
            let inBody = try await client.post("refresh", #"{"refreshToken":"\#(login["refreshToken"] ?? "")"}"#)
            #expect(inBody["refreshToken"] == login["refreshToken"])
            fixture.clock.advance(by: 30 * 86_400)
            #expect(try await client.post("refresh", bearer: login["refreshToken"]).errorCode == "TOKEN_EXPIRED")
        }
    }

    @Test func withRotationLaterReuseEndsTheSession() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login(rotation: true)
            let second = try await client.post("refresh", bearer: login["refreshToken"])
            #expect(second["refreshToken"] != login["refreshToken"])
            fixture.clock.advance(by: 30)
            let repeated = try await client.post("refresh", bearer: login["refreshToken"])
            #expect(repeated["refreshToken"] == second["refreshToken"])
            #expect(fixture.revoked.all.isEmpty)
            fixture.clock.advance(by: 1)
            let reused = try await client.post("refresh", bearer: login["refreshToken"])
            #expect(reused.status == .unauthorized)
            #expect(reused.errorCode == "AUTH_FAILED")
            #expect(try await client.post("refresh", bearer: second["refreshToken"]).errorCode == "AUTH_FAILED")
            #expect(fixture.revoked.all.count == 3)
            for answer in [login, second, repeated] {
                #expect(try await client.get("verify", bearer: answer["accessToken"]).errorCode == "AUTH_FAILED")
            }
        }
    }

    @Test func rotationCanBeMandatory() async throws {
        let fixture = try await AuthFixture { $0.requiresRotation = true }
        try await fixture.run { client in
            let login = try await client.login(rotation: false)
            #expect(try await client.post("refresh", bearer: login["refreshToken"])["refreshToken"] != login["refreshToken"])
        }
    }

    @Test func refusesWhatIsNoRefreshToken() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            #expect(try await client.post("refresh").errorCode == "AUTH_REQUIRED")
            #expect(try await client.post("refresh", "{}").errorCode == "AUTH_REQUIRED")
            #expect(try await client.post("refresh", "{").errorCode == "INVALID_MESSAGE")
            #expect(try await client.post("refresh", bearer: login["accessToken"]).errorCode == "AUTH_FAILED")
            let unknown = "mxr_" + String(repeating: "A", count: 43)
            #expect(try await client.post("refresh", bearer: unknown).errorCode == "AUTH_FAILED")
        }
    }

    @Test(arguments: ["refreshToken", "accessToken"])
    func logoutEndsTheSessionByEitherToken(name: String) async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            let other = try await client.login()
            let refreshed = try await client.post("refresh", bearer: login["refreshToken"])
            #expect(try await client.post("logout", bearer: refreshed[name]).status == .ok)
            for answer in [login, refreshed] {
                #expect(try await client.get("verify", bearer: answer["accessToken"]).errorCode == "AUTH_FAILED")
                #expect(try await client.post("refresh", bearer: answer["refreshToken"]).errorCode == "AUTH_FAILED")
            }
            #expect(fixture.revoked.all.count == 2)
            #expect(try await client.post("logout", bearer: refreshed[name]).status == .unauthorized)
            #expect(try await client.get("verify", bearer: other["accessToken"]).status == .ok)
        }
    }

    /// As where other nodes are told by a Redis that is away: the session has ended, so that nobody could try again.
    @Test(arguments: ["refreshToken", "accessToken"])
    func whereARevocationCannotBeToldTheOthersAreRevokedAllTheSame(name: String) async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            var answers = [login]
            for _ in 0..<2 { answers.append(try await client.post("refresh", bearer: login["refreshToken"])) }
            fixture.revoked.cut()
            #expect(try await client.post("logout", bearer: login[name]).status.code >= 500)
            for answer in answers {
                #expect(try await client.get("verify", bearer: answer["accessToken"]).errorCode == "AUTH_FAILED")
            }
            let restarted = try await fixture.restarted()
            defer { try? restarted.store.close() }
            #expect(try await restarted.store.revocations().count == 3)
        }
    }

    @Test func aLogoutThatFailsHasEndedNothing() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            let failed = try await client.post("logout", bearer: login["accessToken"], #"{"refreshToken":"nonsense"}"#)
            #expect(failed.errorCode == "AUTH_FAILED")
            #expect(try await client.get("verify", bearer: login["accessToken"]).status == .ok)
        }
    }

    @Test func theRefreshTokenMayComeBesideTheAccessToken() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            let body = #"{"refreshToken":"\#(login["refreshToken"] ?? "")"}"#
            #expect(try await client.post("refresh", bearer: login["accessToken"], body).status == .ok)
        }
    }

    @Test func logoutTakesBothTokensAndNeedsOne() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            #expect(try await client.post("logout").errorCode == "AUTH_REQUIRED")
            let body = #"{"refreshToken":"\#(login["refreshToken"] ?? "")"}"#
            #expect(try await client.post("logout", bearer: login["accessToken"], body).json["loggedOut"] as? Bool == true)
            #expect(try await client.get("verify", bearer: login["accessToken"]).errorCode == "AUTH_FAILED")
        }
    }
}
