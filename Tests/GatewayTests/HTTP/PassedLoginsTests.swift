import Testing

@testable import Gateway

@Suite("Logins passed on")
struct PassedLoginsTests {
    private var logins = PassedLogins()

    private var counts: [Int] { [logins.failed, logins.refused, logins.unanswered] }

    private mutating func answered(_ name: String, _ status: Int, _ code: String = "AUTH_FAILED") {
        logins.answered(path: "/api/v1/auth/\(name)", status: status, body: #"{"error":{"code":"\#(code)","message":"no"}}"#.utf8)
    }

    @Test mutating func whatWasNotGoodHasFailed() {
        answered("login", 401)
        answered("refresh", 401, "TOKEN_EXPIRED")
        #expect(counts == [2, 0, 0])
        // A successful one, one that cannot be read, one without anything to check, and what is no login.
        answered("login", 200)
        answered("login", 400, "INVALID_MESSAGE")
        answered("refresh", 401, "AUTH_REQUIRED")
        answered("verify", 401)
        answered("login/x", 401)
        #expect(counts == [2, 0, 0])
        // Without a body that says more, the status does.
        logins.answered(path: "/api/v1/auth/login", status: 401, body: "no".utf8)
        #expect(counts == [3, 0, 0])
    }

    @Test mutating func whatWasNotTriedHasBeenRefused() {
        answered("login", 429, "RATE_LIMITED")
        answered("refresh", 429, "RATE_LIMITED")
        answered("logout", 429, "RATE_LIMITED")
        #expect(counts == [0, 2, 0])
    }

    @Test mutating func anErrorOfTheServiceIsNoFailedLogin() {
        answered("login", 503, "INTERNAL")
        answered("verify", 500, "INTERNAL")
        logins.notAnswered()
        #expect(counts == [0, 0, 3])
    }
}
