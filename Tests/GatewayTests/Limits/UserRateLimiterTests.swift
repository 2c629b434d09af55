import GatewayDomain
import SocketIOClient
import Testing

@testable import Gateway

@Suite("UserRateLimiter", .timeLimit(.minutes(1)))
struct UserRateLimiterTests {
    private let rule = TokenBucket.Rule(rate: 1, burst: 2)

    @Test func connectionsOfAUserShareABucket() throws {
        let limiter = UserRateLimiter(rule: rule)
        let alice = try #require(UserID("alice-0001"))
        let bob = try #require(UserID("bob-000002"))
        let buckets = [limiter.bucket(of: alice, now: .zero), limiter.bucket(of: alice, now: .zero)]
        #expect(buckets.map { $0.take(now: .zero) } == [.allowed, .allowed])
        #expect(buckets[1].take(now: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(limiter.bucket(of: bob, now: .zero).take(now: .zero) == .allowed)
        // To connect anew does not fill it.
        #expect(limiter.bucket(of: alice, now: .zero).take(now: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(limiter.bucket(of: alice, now: .seconds(1)).take(now: .seconds(1)) == .allowed)
    }

    @Test func byAmountsTooAndOtherNodesAreToldInSteps() throws {
        let tally = UsageTally(step: 20)
        let limiter = UserRateLimiter(rule: TokenBucket.Rule(rate: 1, burst: 100), tally: tally)
        let alice = try #require(UserID("alice-0001"))
        let buckets = [limiter.bucket(of: alice, now: .zero), limiter.bucket(of: alice, now: .zero)]
        #expect(buckets[0].take(19, now: .zero) == .allowed)
        #expect(tally.take() == [:])
        #expect(buckets[1].take(31, now: .zero) == .allowed)
        #expect(tally.take() == [alice: 50])
        // What is refused has not been sent, and is told to nobody.
        #expect(buckets[0].take(51, now: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(tally.take() == [:])
        limiter.spend(40, by: alice, now: .zero)
        #expect(buckets[1].take(20, now: .zero) == .refused(retryAfter: .seconds(10)))
        #expect(buckets[1].take(10, now: .zero) == .allowed)
    }

    @Test func usersWithFullBucketsAreForgottenWhereThereAreTooMany() throws {
        let limiter = UserRateLimiter(rule: rule, capacity: 2)
        let users = try (0..<3).map { try #require(UserID("user-000\($0)")) }
        _ = limiter.bucket(of: users[0], now: .zero).take(now: .zero)
        _ = limiter.bucket(of: users[0], now: .zero).take(now: .zero)
        _ = limiter.bucket(of: users[1], now: .zero)
        // The second is full, the first is not.
        #expect(limiter.bucket(of: users[2], now: .zero).take(now: .zero) == .allowed)
        #expect(limiter.bucket(of: users[0], now: .zero).take(now: .zero) == .refused(retryAfter: .seconds(1)))
    }

    @Test func aUsersEventsOverAllConnectionsHaveALimit() async throws {
        try await TestGateway.run {
            #expect($0.limits.userEvents == TokenBucket.Rule(rate: 200, burst: 800))
            $0.limits.userEvents = TokenBucket.Rule(rate: 0.001, burst: 4)
        } _: { gateway in
            let devices = [try await gateway.connect(), try await gateway.connect()]
            let bob = try await gateway.connect(TestGateway.bob)
            for device in devices { for _ in 0..<2 { #expect(try await device.ask("ping").hasPrefix("{\"ok\":true")) } }
            for device in devices { #expect(try await device.refusal("ping", "") == "RATE_LIMITED") }
            #expect(try await bob.ask("ping").hasPrefix("{\"ok\":true"))
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"user_events\"}") == 2)
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"connection_events\"}") == 0)
            for device in devices + [bob] { await device.disconnect() }
        }
    }
}
