/// A rate limit: `rate` tokens a second flow in, at most `burst` are kept, each permitted action takes one.
///
/// A value without a clock: the caller says what time it is, as an offset from any fixed origin.
public struct TokenBucket: Sendable {
    /// How fast and how far a bucket fills.
    public struct Rule: Hashable, Sendable {
        /// Tokens a second.
        public var rate: Double
        /// The most tokens the bucket holds.
        public var burst: Double

        /// A rule of `rate` actions a second and at most `burst` at once.
        public init(rate: Double, burst: Double) {
            self.rate = rate
            self.burst = burst
        }
    }

    private var tokens: Double
    private var updated: Duration

    /// A full bucket.
    public init(rule: Rule, now: Duration) {
        self.tokens = rule.burst
        self.updated = now
    }

    /// Takes one token if there is one; otherwise says after how long there will be one.
    public mutating func take(rule: Rule, now: Duration) -> Decision {
        refill(rule: rule, now: now)
        if tokens >= 1 {
            tokens -= 1
            return .allowed
        }
        return .refused(retryAfter: .seconds((1 - tokens) / rule.rate))
    }

    /// Takes tokens for what was done elsewhere; none are owed where there are not enough.
    public mutating func spend(_ count: Double, rule: Rule, now: Duration) {
        refill(rule: rule, now: now)
        tokens = max(0, tokens - count)
    }

    private mutating func refill(rule: Rule, now: Duration) {
        let elapsed = Double((now - updated).components.seconds) + Double((now - updated).components.attoseconds) * 1e-18
        guard elapsed > 0 else { return }
        tokens = min(rule.burst, tokens + elapsed * rule.rate)
        updated = now
    }

    /// Whether the bucket is full again, so that it need not be remembered.
    public func isFull(rule: Rule, now: Duration) -> Bool {
        var copy = self
        _ = copy.take(rule: rule, now: now)
        return copy.tokens + 1 >= rule.burst
    }

    /// The answer to one request for a token.
    public enum Decision: Hashable, Sendable {
        /// A token was taken.
        case allowed
        /// The bucket is empty; a token will be there after this time.
        case refused(retryAfter: Duration)
    }
}
