import GatewayDomain
import Testing

@testable import Gateway

@Suite("ConnectionLimiter")
struct ConnectionLimiterTests {
    private let alice = UserID("alice-0001")
    private let bob = UserID("bob-000002")

    private func limiter(node: Int = 100, user: Int = 100, address: Int = 100) -> ConnectionLimiter {
        var limits = GatewayLimits()
        limits.connectionsPerNode = node
        limits.connectionsPerUser = user
        limits.connectionsPerAddress = address
        return ConnectionLimiter(limits: limits, counters: GatewayCounters())
    }

    private func isRefused(_ limiter: ConnectionLimiter, _ user: UserID?, _ address: String) -> Bool {
        do {
            _ = try limiter.acquire(userID: user, address: address)
            return false
        } catch {
            #expect(error.code == .connectionLimit)
            #expect(error.retryAfter == 5)
            return true
        }
    }

    @Test func aLeaseIsGivenBackWhenNobodyHoldsIt() throws {
        let limiter = limiter(node: 1)
        var lease: ConnectionLease? = try limiter.acquire(userID: alice, address: "a")
        var session: ClientSession? = ClientSession(
            principal: .guest,
            events: TokenBucket(rule: GatewayLimits().clientEvents, now: .zero),
            lease: lease
        )
        lease = nil
        #expect(limiter.total == 1)
        #expect(session != nil)
        #expect(isRefused(limiter, alice, "a"))
        session = nil
        #expect(limiter.total == 0)
        #expect(!isRefused(limiter, alice, "a"))
    }

    @Test func ofTheNode() throws {
        let limiter = limiter(node: 2)
        let leases = [try limiter.acquire(userID: alice, address: "a"), try limiter.acquire(userID: nil, address: "b")]
        #expect(isRefused(limiter, bob, "c"))
        #expect(limiter.total == leases.count)
    }

    @Test func ofAUser() throws {
        let limiter = limiter(user: 2)
        let leases = [try limiter.acquire(userID: alice, address: "a"), try limiter.acquire(userID: alice, address: "b")]
        #expect(isRefused(limiter, alice, "c"))
        #expect(!isRefused(limiter, bob, "c"))
        // Guests are nobody in particular.
        let guests = try (0..<5).map { try limiter.acquire(userID: nil, address: "\($0)") }
        #expect(limiter.total == leases.count + guests.count)
    }

    @Test func ofAnAddress() throws {
        let limiter = limiter(address: 2)
        let leases = [try limiter.acquire(userID: alice, address: "a"), try limiter.acquire(userID: nil, address: "a")]
        #expect(isRefused(limiter, bob, "a"))
        #expect(!isRefused(limiter, bob, "b"))
        #expect(limiter.total == leases.count)
    }

    @Test func aRefusalCountsNothing() throws {
        let limiter = limiter(user: 1, address: 2)
        var leases = [try limiter.acquire(userID: alice, address: "a")]
        for _ in 0..<10 { #expect(isRefused(limiter, alice, "a")) }
        leases.append(try limiter.acquire(userID: bob, address: "a"))
        #expect(limiter.total == 2)
        leases.removeFirst()
        leases.append(try limiter.acquire(userID: alice, address: "a"))
        #expect(leases.count == 2)
    }
}
