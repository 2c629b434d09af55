import GatewayDomain
import Synchronization

/// Limits how fast one user may send events over all connections to this node. A connection asks for its user's bucket once, and then only
/// takes from it. Remembers a bounded number of users.
final class UserEventLimiter: Sendable {
    private let rule: TokenBucket.Rule
    private let capacity: Int
    private let buckets = Mutex<[UserID: SharedBucket]>([:])

    init(rule: TokenBucket.Rule, capacity: Int = 65_536) {
        self.rule = rule
        self.capacity = capacity
    }

    /// The bucket that all connections of `user` share.
    func bucket(of user: UserID, now: Duration) -> SharedBucket {
        buckets.withLock { buckets in
            if let bucket = buckets[user] { return bucket }
            // Full buckets need not be remembered: a new one is the same, and connections that hold one go on with it.
            if buckets.count >= capacity { buckets = buckets.filter { !$0.value.isFull(now: now) } }
            let bucket = SharedBucket(rule: rule, now: now)
            if buckets.count < capacity { buckets[user] = bucket }
            return bucket
        }
    }
}

/// A token bucket of several connections on any event loops. Its lock is held for a few instructions, by connections of one user only.
final class SharedBucket: Sendable {
    private let rule: TokenBucket.Rule
    private let bucket: Mutex<TokenBucket>

    init(rule: TokenBucket.Rule, now: Duration) {
        self.rule = rule
        self.bucket = Mutex(TokenBucket(rule: rule, now: now))
    }

    func take(now: Duration) -> TokenBucket.Decision { bucket.withLock { $0.take(rule: rule, now: now) } }

    func isFull(now: Duration) -> Bool { bucket.withLock { $0.isFull(rule: rule, now: now) } }
}
