import GatewayDomain
import Synchronization

/// Limits how fast one user may send events, or bytes of chat, over all connections to this node. A connection asks for its user's bucket
/// once, and then only takes from it. Remembers a bounded number of users.
final class UserRateLimiter: Sendable {
    private let rule: TokenBucket.Rule
    private let capacity: Int
    private let buckets = Mutex<[UserID: SharedBucket]>([:])
    /// Where it is added up what other nodes are to be told; `nil` on a node that works alone.
    private let tally: UsageTally?

    init(rule: TokenBucket.Rule, capacity: Int = 65_536, tally: UsageTally? = nil) {
        self.rule = rule
        self.capacity = capacity
        self.tally = tally
    }

    /// The user has sent so much over other nodes. Nothing to do for a user who has no bucket here: that is full.
    func spend(_ count: Int, by user: UserID, now: Duration) {
        buckets.withLock { $0[user] }?.spend(count, now: now)
    }

    /// The bucket that all connections of `user` share.
    func bucket(of user: UserID, now: Duration) -> SharedBucket {
        buckets.withLock { buckets in
            if let bucket = buckets[user] { return bucket }
            // Full buckets need not be remembered: a new one is the same, and connections that hold one go on with it.
            if buckets.count >= capacity { buckets = buckets.filter { !$0.value.isFull(now: now) } }
            let bucket = SharedBucket(rule: rule, now: now, tally: tally.map { (user, $0) })
            if buckets.count < capacity { buckets[user] = bucket }
            return bucket
        }
    }
}

/// A token bucket of several connections on any event loops. Its lock is held for a few instructions, by connections of one user only.
final class SharedBucket: Sendable {
    private struct State {
        var bucket: TokenBucket
        /// What other nodes have not been told of.
        var untold = 0
    }

    private let rule: TokenBucket.Rule
    private let state: Mutex<State>
    private let tally: (user: UserID, usage: UsageTally)?

    init(rule: TokenBucket.Rule, now: Duration, tally: (user: UserID, usage: UsageTally)? = nil) {
        self.rule = rule
        self.tally = tally
        state = Mutex(State(bucket: TokenBucket(rule: rule, now: now)))
    }

    /// Takes `count` at once, or nothing.
    func take(_ count: Int = 1, now: Duration) -> TokenBucket.Decision {
        guard let tally else { return state.withLock { $0.bucket.take(Double(count), rule: rule, now: now) } }
        let (decision, untold) = state.withLock { state in
            let decision = state.bucket.take(Double(count), rule: rule, now: now)
            if decision == .allowed { state.untold += count }
            guard state.untold >= tally.usage.step else { return (decision, 0) }
            defer { state.untold = 0 }
            return (decision, state.untold)
        }
        if untold > 0 { tally.usage.add(untold, by: tally.user) }
        return decision
    }

    func spend(_ count: Int, now: Duration) { state.withLock { $0.bucket.spend(Double(count), rule: rule, now: now) } }

    func isFull(now: Duration) -> Bool { state.withLock { $0.bucket.isFull(rule: rule, now: now) } }
}
