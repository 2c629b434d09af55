import GatewayDomain
import Testing

@Suite("TokenBucket")
struct TokenBucketTests {
    // Times are then exact.
    private let rule = TokenBucket.Rule(rate: 8, burst: 100)

    private func bucket() -> TokenBucket { TokenBucket(rule: rule, now: .zero) }

    /// The answer; a test cannot look into a mutating call.
    private func take(_ count: Double, _ bucket: inout TokenBucket, now: Duration = .zero) -> TokenBucket.Decision {
        bucket.take(count, rule: rule, now: now)
    }

    @Test func anActionTakesAsMuchAsItWeighs() {
        var bucket = bucket()
        let decisions = [take(60, &bucket), take(60, &bucket), take(40, &bucket), take(1, &bucket)]
        #expect(decisions == [.allowed, .refused(retryAfter: .milliseconds(2_500)), .allowed, .refused(retryAfter: .milliseconds(125))])
        let (soon, later) = (Duration.seconds(5), Duration.milliseconds(7_500))
        let others = [take(60, &bucket, now: soon), take(60, &bucket, now: later), take(1, &bucket, now: later)]
        #expect(others == [.refused(retryAfter: .milliseconds(2_500)), .allowed, .refused(retryAfter: .milliseconds(125))])
    }

    @Test func whatIsRefusedTakesNothing() {
        var bucket = bucket()
        _ = take(50, &bucket)
        for _ in 0..<10 { _ = take(51, &bucket) }
        let decision = take(50, &bucket)
        #expect(decision == .allowed)
    }

    @Test func moreThanTheBucketHoldsIsTakenFromAFullOneAndOwed() {
        var bucket = bucket()
        _ = take(1, &bucket)
        let decisions = [take(250, &bucket), take(250, &bucket, now: .milliseconds(125)), take(1, &bucket, now: .milliseconds(125))]
        #expect(decisions == [.refused(retryAfter: .milliseconds(125)), .allowed, .refused(retryAfter: .milliseconds(18_875))])
        #expect(!bucket.isFull(rule: rule, now: .milliseconds(31_250)))
        #expect(bucket.isFull(rule: rule, now: .milliseconds(31_375)))
    }

    @Test func whatWasDoneElsewhereIsNotOwedAndForgivesNothing() {
        var bucket = bucket()
        bucket.spend(1_000, rule: rule, now: .zero)
        let empty = take(1, &bucket)
        #expect(empty == .refused(retryAfter: .milliseconds(125)))
        var indebted = self.bucket()
        _ = take(150, &indebted)
        indebted.spend(1_000, rule: rule, now: .zero)
        let owing = take(1, &indebted)
        #expect(owing == .refused(retryAfter: .milliseconds(6_375)))
    }

    @Test func anEmptyBucketOfOneTokenIsNotFull() {
        let rule = TokenBucket.Rule(rate: 1, burst: 1)
        var bucket = TokenBucket(rule: rule, now: .zero)
        _ = bucket.take(rule: rule, now: .zero)
        #expect(!bucket.isFull(rule: rule, now: .milliseconds(500)))
        #expect(bucket.isFull(rule: rule, now: .seconds(1)))
    }

    @Test func aRateOfAlmostNothingGivesATimeAllTheSame() {
        let rule = TokenBucket.Rule(rate: 1e-300, burst: 1)
        var bucket = TokenBucket(rule: rule, now: .zero)
        let decisions = [bucket.take(rule: rule, now: .zero), bucket.take(100_000, rule: rule, now: .zero)]
        #expect(decisions == [.allowed, .refused(retryAfter: .seconds(1_000_000_000))])
    }
}
