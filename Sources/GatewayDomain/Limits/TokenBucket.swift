/// A rate limit: `rate` tokens a second flow in, at most `burst` are kept, each permitted action takes one, or as many as it weighs.
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

    /// In seconds: a rate close to nothing must not give a time that no `Duration` holds.
    private static let longestWait = 1e9

    /// Less than none where something was taken that weighs more than the bucket holds.
    private var tokens: Double
    /// When, in nanoseconds: every connection keeps a bucket, and a `Duration` is twice as long.
    private var updated: Int64

    /// A full bucket.
    public init(rule: Rule, now: Duration) {
        self.tokens = rule.burst
        self.updated = now.inNanoseconds
    }

    /// Takes `count` tokens if they are there; otherwise takes none, and says after how long they will be there.
    ///
    /// More than the bucket holds are taken from a full bucket: the action waits as long as it must, and the next one for the rest.
    public mutating func take(_ count: Double = 1, rule: Rule, now: Duration) -> Decision {
        refill(rule: rule, now: now)
        let needed = count > 1 ? min(count, rule.burst) : count
        if tokens >= needed {
            tokens -= count
            return .allowed
        }
        return .refused(retryAfter: .seconds(min((needed - tokens) / rule.rate, Self.longestWait)))
    }

    /// Takes tokens for what was done elsewhere; none are owed where there are not enough.
    public mutating func spend(_ count: Double, rule: Rule, now: Duration) {
        refill(rule: rule, now: now)
        tokens = max(min(0, tokens), tokens - count)
    }

    private mutating func refill(rule: Rule, now: Duration) {
        let now = now.inNanoseconds
        let elapsed = Double(now - updated) / 1e9
        guard elapsed > 0 else { return }
        tokens = min(rule.burst, tokens + elapsed * rule.rate)
        updated = now
    }

    /// Whether the bucket is full again, so that it need not be remembered.
    public func isFull(rule: Rule, now: Duration) -> Bool {
        var copy = self
        copy.refill(rule: rule, now: now)
        return copy.tokens >= rule.burst
    }

    /// The answer to one request for tokens.
    public enum Decision: Hashable, Sendable {
        /// They were taken.
        case allowed
        /// There are too few; as many will be there after this time.
        case refused(retryAfter: Duration)
    }
}

extension Duration {
    fileprivate var inNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
