import AccessToken
import Foundation
import HTTPTypes
import Testing

@testable import AuthService

/// Login and verify.
@Suite struct LoginTests {
    @Test func aLoginGivesTokensForTheSamePersonEachTime() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            #expect(login.status == .ok)
            #expect(login["tokenType"] == "Bearer")
            #expect(login.json["expiresIn"] as? Int == 900)
            #expect(login.headers[.cacheControl] == "no-store")
            #expect((login.json["user"] as? [String: Any])?["displayName"] as? String == "alice")
            let userID = try #require(login.userID)
            #expect(UUID(uuidString: userID) != nil)
            #expect(try await client.login().userID == userID)
            #expect(try await client.login("bob").userID != userID)

            let verified = try await client.get("verify", bearer: login["accessToken"])
            #expect(verified.status == .ok)
            #expect(verified.json["valid"] as? Bool == true)
            #expect(verified.userID == userID)
        }
    }

    @Test func verifyRefusesWhatIsNoGoodAccessToken() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login()
            let none = try await client.get("verify")
            #expect(none.status == .unauthorized)
            #expect(none.errorCode == "AUTH_REQUIRED")
            #expect(none.headers[.wwwAuthenticate] == "Bearer")
            #expect(try await client.get("verify", bearer: "nonsense").errorCode == "AUTH_FAILED")
            #expect(try await client.get("verify", bearer: login["refreshToken"]).errorCode == "AUTH_FAILED")
            #expect(try await client.get("verify", bearer: try await client.privyToken()).errorCode == "AUTH_FAILED")
            fixture.clock.advance(by: 899)
            #expect(try await client.get("verify", bearer: login["accessToken"]).status == .ok)
            fixture.clock.advance(by: 1)
            let expired = try await client.get("verify", bearer: login["accessToken"])
            #expect(expired.status == .unauthorized)
            #expect(expired.errorCode == "TOKEN_EXPIRED")
        }
    }

    @Test func refusesPrivyTokensThatAreNotGood() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let token = try await client.privyToken()
            #expect(try await client.post("login", #"{"privyToken":"\#(token)x"}"#).errorCode == "AUTH_FAILED")
            let access = try await client.login()["accessToken"] ?? ""
            #expect(try await client.post("login", #"{"privyToken":"\#(access)"}"#).errorCode == "AUTH_FAILED")
            fixture.clock.advance(by: 3600)
            let expired = try await client.post("login", #"{"privyToken":"\#(token)"}"#)
            #expect(expired.status == .unauthorized)
            #expect(expired.errorCode == "TOKEN_EXPIRED")
        }
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"privyToken":1}"#, #"{"privyToken":"x","rotation":"yes"}"#, "\u{0}"])
    func saysWhatALoginShouldLookLike(body: String) async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let answer = try await client.post("login", body)
            #expect(answer.status == .badRequest)
            #expect(answer.errorCode == "INVALID_MESSAGE")
            #expect(answer.errorMessage?.contains("privyToken") == true)
        }
    }

    @Test func boundsTheBody() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let fits = #"{"privyToken":"\#(String(repeating: "x", count: 16_000))"}"#
            #expect(try await client.post("login", fits).errorCode == "AUTH_FAILED")
            let tooLarge = #"{"privyToken":"\#(String(repeating: "x", count: 16_400))"}"#
            let answer = try await client.post("login", tooLarge)
            #expect(answer.status == .contentTooLarge)
            #expect(answer.errorCode == "INVALID_MESSAGE")
        }
    }

    @Test func limitsFailedLoginsByAddress() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let good = #"{"privyToken":"\#(try await client.privyToken())"}"#
            for _ in 0..<60 { #expect(try await client.post("login", #"{"privyToken":"bad"}"#).errorCode == "AUTH_FAILED") }
            let refused = try await client.post("login", good)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.errorCode == "RATE_LIMITED")
            #expect(refused.headers[.retryAfter] == "1")
            #expect(try await client.post("login", good, from: "192.0.2.2").status == .ok)
            fixture.clock.advance(by: 1)
            #expect(try await client.post("login", good).status == .ok)
        }
    }

    @Test func limitsFailedRefreshesTooAndIPv6ByItsNetwork() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let unknown = "mxr_" + String(repeating: "A", count: 43)
            let good = try await client.login()["refreshToken"]
            for host in 0..<30 {
                let address = "2001:db8:1:2::\(String(host, radix: 16))"
                #expect(try await client.post("refresh", bearer: unknown, from: address).errorCode == "AUTH_FAILED")
                #expect(try await client.post("login", #"{"privyToken":"bad"}"#, from: address).errorCode == "AUTH_FAILED")
            }
            let refused = try await client.post("refresh", bearer: good, from: "2001:db8:1:2:ffff::1")
            #expect(refused.status == .tooManyRequests)
            #expect(refused.errorCode == "RATE_LIMITED")
            #expect(refused.headers[.retryAfter] == "1")
            // A neighbour's network, and a client that does nothing wrong.
            #expect(try await client.post("refresh", bearer: good, from: "2001:db8:1:3::1").status == .ok)
            let sessions = [good, try await client.login()["refreshToken"]]
            for number in 0..<70 {
                #expect(try await client.post("refresh", bearer: sessions[number % 2], from: "192.0.2.9").status == .ok)
            }
        }
    }

    @Test func goodLoginsCostNothing() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let good = #"{"privyToken":"\#(try await client.privyToken())"}"#
            for _ in 0..<70 { #expect(try await client.post("login", good).status == .ok) }
        }
        #expect(fixture.parts.failedLogins.count == 0)
    }
}
