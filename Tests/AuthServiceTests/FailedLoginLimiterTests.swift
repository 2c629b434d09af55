import GatewayDomain
import Testing

@testable import AuthService

@Suite struct FailedLoginLimiterTests {
    private let clock = ManualClock()

    private func limiter(burst: Double, capacity: Int = 10) -> FailedLoginLimiter {
        FailedLoginLimiter(rule: .init(rate: 1, burst: burst), capacity: capacity, now: { [clock] in clock.uptime })
    }

    private func fail(_ limiter: FailedLoginLimiter, from address: String) async -> ErrorCode? {
        do {
            try await limiter.attempt(from: address) { throw AuthFailure(.authFailed, "no") }
            return nil
        } catch {
            return (error as? AuthFailure)?.code
        }
    }

    @Test func attemptsUnderWayCount() async throws {
        let limiter = limiter(burst: 2)
        try await limiter.attempt(from: "a") {
            try await limiter.attempt(from: "a") {
                await #expect(throws: AuthFailure.self) { try await limiter.attempt(from: "a") {} }
                try await limiter.attempt(from: "b") {}
            }
        }
        try await limiter.attempt(from: "a") {}
    }

    @Test func onlyBadCredentialsCount() async throws {
        let limiter = limiter(burst: 1)
        for _ in 0..<5 {
            await #expect(throws: AuthFailure.self) {
                try await limiter.attempt(from: "a") { throw AuthFailure(.invalidMessage, "not this") }
            }
        }
        #expect(await fail(limiter, from: "a") == .authFailed)
        #expect(await fail(limiter, from: "a") == .rateLimited)
        #expect(limiter.counts.failed == 1)
        #expect(limiter.counts.refused == 1)
    }

    @Test func remembersABoundedNumberOfAddresses() async throws {
        let limiter = limiter(burst: 1, capacity: 10)
        for index in 0..<100 {
            #expect(await fail(limiter, from: "\(index)") == .authFailed)
            clock.advance(by: 0.001)
            #expect(limiter.count <= 10)
        }
        #expect(await fail(limiter, from: "99") == .rateLimited)
    }

    @Test func withoutARuleEverythingIsPermitted() async throws {
        let limiter = FailedLoginLimiter(rule: nil, now: { .zero })
        for _ in 0..<100 { #expect(await fail(limiter, from: "a") == .authFailed) }
        #expect(limiter.count == 0)
    }
}
