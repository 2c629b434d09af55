import GatewayDomain
import HTTPTypes
import Store
import Testing

@testable import AuthService

/// The bounds on sessions and on their access tokens over HTTP.
@Suite struct SessionBoundTests {
    @Test func theOldestOfTooManySessionsEndsWithItsAccessTokens() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let first = try await client.login()
            // Who has a good access token is in use.
            for _ in 0..<99 { #expect(try await client.login().status == .ok) }
            #expect(try await client.get("verify", bearer: first["accessToken"]).status == .ok)

            let last = try await client.login()
            #expect(last.status == .ok)
            #expect(try await client.get("verify", bearer: first["accessToken"]).errorCode == "AUTH_FAILED")
            #expect(try await client.post("refresh", bearer: first["refreshToken"]).errorCode == "AUTH_FAILED")
            #expect(fixture.revoked.all.count == 1)
            #expect(try await client.get("verify", bearer: last["accessToken"]).status == .ok)
            #expect(try await client.post("refresh", bearer: last["refreshToken"]).status == .ok)
            #expect(fixture.parts.metrics.contains("\nmoonx_sessions_ended_for_room_total 1\n"))
        }
    }

    @Test func bothBoundsAreSettings() async throws {
        let fixture = try await AuthFixture {
            $0.sessionsPerUser = 2
            $0.tokensPerSession = 3
        }
        try await fixture.run { client in
            let logins = [try await client.login(), try await client.login(), try await client.login()]
            #expect(try await client.post("refresh", bearer: logins[0]["refreshToken"]).errorCode == "AUTH_FAILED")
            for login in logins.dropFirst() { #expect(try await client.post("refresh", bearer: login["refreshToken"]).status == .ok) }
            #expect(fixture.parts.metrics.contains("\nmoonx_sessions_ended_for_room_total 1\n"))

            for _ in 0..<2 { #expect(try await client.post("refresh", bearer: logins[2]["refreshToken"]).status == .ok) }
            #expect(try await client.post("refresh", bearer: logins[2]["refreshToken"]).errorCode == "RATE_LIMITED")
            #expect(fixture.parts.metrics.contains("\nmoonx_refreshes_refused_total 1\n"))
        }
    }

    @Test func aLoginIsGoodThoughOthersCannotBeToldWhatItHasEnded() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let first = try await client.login()
            for _ in 0..<99 { #expect(try await client.login().status == .ok) }
            fixture.revoked.cut()
            #expect(try await client.login().status == .ok)
            #expect(try await client.get("verify", bearer: first["accessToken"]).errorCode == "AUTH_FAILED")
        }
    }

    @Test(arguments: [false, true])
    func tooManyRefreshesAreToldToWaitAndLoseNothing(rotation: Bool) async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let login = try await client.login(rotation: rotation)
            var answer = login
            for _ in 0..<60 {
                answer = try await client.post("refresh", bearer: answer["refreshToken"])
                #expect(answer.status == .ok)
            }
            fixture.clock.advance(by: 600)
            let refused = try await client.post("refresh", bearer: answer["refreshToken"])
            #expect(refused.status == .tooManyRequests)
            #expect(refused.errorCode == "RATE_LIMITED")
            #expect(refused.headers[.retryAfter] == "300")
            #expect(fixture.parts.metrics.contains("\nmoonx_refreshes_refused_total 1\n"))
            // It is no failed login, and others are not held up.
            #expect(fixture.parts.metrics.contains("\nmoonx_logins_failed_total 0\n"))
            #expect(try await client.login().status == .ok)
            #expect(try await client.get("verify", bearer: answer["accessToken"]).status == .ok)

            fixture.clock.advance(by: 300)
            #expect(try await client.post("refresh", bearer: answer["refreshToken"]).status == .ok)
        }
    }
}
