import Testing

@testable import Store

/// The rules alone, without a database.
@Suite struct RefreshRulesTests {
    private let rules = RefreshRules(lifetime: .seconds(3600), grace: .seconds(30))

    private func decide(
        expiresAt: Int64 = 100_000,
        replacedAt: Int64? = nil,
        isRevoked: Bool = false,
        rotates: Bool = true,
        now: Int64 = 50_000
    ) -> RefreshRules.Decision {
        rules.decide(.init(expiresAt: expiresAt, replacedAt: replacedAt, isRevoked: isRevoked, rotates: rotates), now: now)
    }

    @Test func aCurrentTokenIsKeptOrReplaced() {
        #expect(decide(rotates: false) == .keep)
        #expect(decide(rotates: true) == .replace)
    }

    @Test func aTokenIsGoodUntilItExpires() {
        #expect(decide(now: 99_999) == .replace)
        #expect(decide(now: 100_000) == .expired)
        #expect(decide(rotates: false, now: 99_999) == .keep)
        #expect(decide(rotates: false, now: 100_000) == .expired)
    }

    @Test func aReplacedTokenHasThirtySeconds() {
        #expect(decide(replacedAt: 20_000, now: 20_000) == .repeatSuccessor)
        #expect(decide(replacedAt: 20_000, now: 50_000) == .repeatSuccessor)
        #expect(decide(replacedAt: 20_000, now: 50_001) == .reused)
        #expect(decide(replacedAt: 20_000, rotates: false, now: 50_001) == .reused)
    }

    @Test func revocationCountsBeforeAllElse() {
        #expect(decide(isRevoked: true) == .revoked)
        #expect(decide(replacedAt: 49_999, isRevoked: true) == .revoked)
        #expect(decide(isRevoked: true, now: 100_000) == .revoked)
    }

    @Test func anExpiredTokenIsNoReuse() {
        #expect(decide(replacedAt: 20_000, now: 100_000) == .expired)
    }
}
