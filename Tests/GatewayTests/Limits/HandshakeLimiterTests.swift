import GatewayDomain
import Testing

@testable import Gateway

@Suite("HandshakeLimiter")
struct HandshakeLimiterTests {
    private func limiter(capacity: Int = 100) -> HandshakeLimiter {
        HandshakeLimiter(rule: TokenBucket.Rule(rate: 1, burst: 2), capacity: capacity)
    }

    @Test func eachAddressHasItsOwnBucket() {
        let limiter = limiter()
        #expect(limiter.take(address: "a", now: .zero) == .allowed)
        #expect(limiter.take(address: "a", now: .zero) == .allowed)
        #expect(limiter.take(address: "a", now: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(limiter.take(address: "b", now: .zero) == .allowed)
        #expect(limiter.take(address: "a", now: .milliseconds(500)) == .refused(retryAfter: .milliseconds(500)))
        #expect(limiter.take(address: "a", now: .milliseconds(1_000)) == .allowed)
    }

    @Test func fullBucketsMakeRoomAndOthersAreRemembered() {
        let limiter = limiter(capacity: 2)
        #expect(limiter.take(address: "full", now: .zero) == .allowed)
        #expect(limiter.take(address: "busy", now: .seconds(60)) == .allowed)
        #expect(limiter.take(address: "busy", now: .seconds(60)) == .allowed)
        #expect(limiter.take(address: "new", now: .seconds(60)) == .allowed)
        #expect(limiter.take(address: "busy", now: .seconds(60)) == .refused(retryAfter: .seconds(1)))
    }

    @Test func aFloodFromMoreAddressesThanAreRememberedStartsAnew() {
        let limiter = limiter(capacity: 2)
        for address in ["a", "a", "b", "b"] { #expect(limiter.take(address: address, now: .zero) == .allowed) }
        #expect(limiter.take(address: "a", now: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(limiter.take(address: "c", now: .zero) == .allowed)
        #expect(limiter.take(address: "a", now: .zero) == .allowed)
    }
}
