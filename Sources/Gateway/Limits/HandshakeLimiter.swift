import GatewayDomain
import Synchronization

/// Limits how fast one address may try to connect. Remembers a bounded number of addresses.
final class HandshakeLimiter: Sendable {
    private let rule: TokenBucket.Rule
    private let capacity: Int
    private let buckets = Mutex<[String: TokenBucket]>([:])

    init(rule: TokenBucket.Rule, capacity: Int = 65_536) {
        self.rule = rule
        self.capacity = capacity
    }

    func take(address: String, now: Duration) -> TokenBucket.Decision {
        buckets.withLock { buckets in
            if buckets[address] == nil, buckets.count >= capacity {
                // Full buckets need not be remembered. If none is full, the flood comes from so many addresses that all start anew.
                buckets = buckets.filter { !$0.value.isFull(rule: rule, now: now) }
                if buckets.count >= capacity { buckets = [:] }
            }
            return buckets[address, default: TokenBucket(rule: rule, now: now)].take(rule: rule, now: now)
        }
    }
}
