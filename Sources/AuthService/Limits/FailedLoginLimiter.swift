import GatewayDomain
import Synchronization

/// Limits how often one address may fail to log in. Successes cost nothing, so that many people behind one address are not shut out.
/// IPv6 addresses count by their /64, which is what one customer of a network has.
///
/// Thread-safe. An attempt under way counts as failed until it ends, or many at once would all slip through.
final class FailedLoginLimiter: Sendable {
    private struct Entry {
        var bucket: TokenBucket
        var attempts = 0
        var lastSeen: Duration

        /// Whether a new entry would be as good.
        func isForgettable(rule: TokenBucket.Rule, now: Duration) -> Bool {
            // A bucket that holds a single token at most calls itself full when it is empty.
            var trial = bucket
            guard case .allowed = trial.take(rule: rule, now: now) else { return false }
            return attempts == 0 && bucket.isFull(rule: rule, now: now)
        }
    }

    private let rule: TokenBucket.Rule?
    private let capacity: Int
    private let now: @Sendable () -> Duration
    private let entries = Mutex<[String: Entry]>([:])
    private let counted = Mutex((failed: 0, refused: 0))

    /// A limiter that remembers at most `capacity` addresses; without a rule it permits everything.
    init(rule: TokenBucket.Rule?, capacity: Int = 10_000, now: @escaping @Sendable () -> Duration) {
        self.rule = rule
        self.capacity = capacity
        self.now = now
    }

    /// Runs an attempt, and counts it where it throws an ``AuthFailure`` about credentials.
    ///
    /// - Throws: ``AuthFailure`` with code `rateLimited` instead of running it, where the address has failed too often.
    func attempt<Value: Sendable>(from address: String, _ body: () async throws -> Value) async throws -> Value {
        let address = IPAddress.limitKey(address)
        try begin(address)
        do {
            let value = try await body()
            end(address, failed: false)
            return value
        } catch {
            let code = (error as? AuthFailure)?.code
            let hasFailed = code == .authFailed || code == .tokenExpired
            if hasFailed { counted.withLock { $0.failed += 1 } }
            end(address, failed: hasFailed)
            throw error
        }
    }

    /// Attempts that failed, and attempts that were not made because too many had.
    var counts: (failed: Int, refused: Int) { counted.withLock { $0 } }

    /// How many addresses are remembered.
    var count: Int { entries.withLock { $0.count } }

    private func begin(_ address: String) throws(AuthFailure) {
        guard let rule else { return }
        let now = now()
        let refusal: Duration? = entries.withLock { entries in
            var entry = entries[address] ?? Entry(bucket: TokenBucket(rule: rule, now: now), lastSeen: now)
            var trial = entry.bucket
            for _ in 0...entry.attempts {
                if case .refused(let retryAfter) = trial.take(rule: rule, now: now) { return retryAfter }
            }
            if entries[address] == nil, entries.count >= capacity { Self.makeRoom(in: &entries, rule: rule, now: now, capacity: capacity) }
            entry.attempts += 1
            entry.lastSeen = now
            entries[address] = entry
            return nil
        }
        if let refusal {
            counted.withLock { $0.refused += 1 }
            throw AuthFailure(.rateLimited, "Too many failed logins from this address; wait before trying again.", retryAfter: refusal)
        }
    }

    private func end(_ address: String, failed: Bool) {
        guard let rule else { return }
        let now = now()
        entries.withLock { entries in
            guard var entry = entries[address] else { return }
            entry.attempts = max(0, entry.attempts - 1)
            if failed { _ = entry.bucket.take(rule: rule, now: now) }
            entries[address] = entry.isForgettable(rule: rule, now: now) ? nil : entry
        }
    }

    /// Forgets addresses that are as good as new; where these are not half of them, those seen longest ago too. Making much room at once
    /// keeps the cost per attempt constant.
    private static func makeRoom(in entries: inout [String: Entry], rule: TokenBucket.Rule, now: Duration, capacity: Int) {
        entries = entries.filter { !$0.value.isForgettable(rule: rule, now: now) }
        let surplus = entries.count - capacity / 2
        guard surplus > 0 else { return }
        for (address, _) in entries.sorted(by: { $0.value.lastSeen < $1.value.lastSeen }).prefix(surplus) {
            entries[address] = nil
        }
    }
}
