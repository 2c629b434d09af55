/// How long to wait before the next attempt. Chance comes from outside.
struct Backoff {
    let policy: BackoffPolicy
    /// How many attempts have failed since the last success.
    private(set) var failures = 0

    init(_ policy: BackoffPolicy) {
        self.policy = policy
    }

    /// An attempt has failed: the wait before the next.
    mutating func failed(using generator: inout some RandomNumberGenerator) -> Duration {
        // 2^30 times any first wait is above any sensible bound.
        let wait = min(policy.maximum, policy.initial * (1 << min(failures, 30)))
        failures += 1
        return wait * (1 - Double.random(in: 0..<1, using: &generator) * policy.jitter)
    }

    /// An attempt has succeeded.
    mutating func succeeded() {
        failures = 0
    }
}
