import Testing

@testable import RedisClient

@Suite("Backoff")
struct BackoffTests {
    /// Always the same number: 0, or the highest there is.
    private struct Fixed: RandomNumberGenerator {
        let value: UInt64
        func next() -> UInt64 { value }
    }

    private static func waits(_ count: Int, _ policy: BackoffPolicy, _ value: UInt64) -> [Duration] {
        var backoff = Backoff(policy)
        var generator = Fixed(value: value)
        return (0..<count).map { _ in backoff.failed(using: &generator) }
    }

    @Test func waitsDoubleUpToABound() {
        let waits = Self.waits(8, BackoffPolicy(), 0)
        #expect(waits == [50, 100, 200, 400, 800, 1_600, 2_000, 2_000].map { .milliseconds($0) })
    }

    @Test func chanceTakesAPartOfAWait() {
        let waits = Self.waits(7, BackoffPolicy(), .max)
        #expect(zip(waits, [25, 50, 100, 200, 400, 800, 1_000]).allSatisfy { abs($0 / .milliseconds($1) - 1) < 0.01 })
    }

    @Test func aSuccessBeginsAnew() {
        var backoff = Backoff(BackoffPolicy())
        var generator = Fixed(value: 0)
        for _ in 0..<100 { _ = backoff.failed(using: &generator) }
        #expect(backoff.failed(using: &generator) == .seconds(2) && backoff.failures == 101)
        backoff.succeeded()
        #expect(backoff.failed(using: &generator) == .milliseconds(50))
    }
}
