import GatewayDomain
import Synchronization

/// What users have sent over this node since other nodes were last told. A connection comes here once for many events.
final class UsageTally: Sendable {
    /// So much of a user is added at once; less is never told.
    let step: Int

    private let counts = Mutex<[UserID: Int]>([:])

    init(step: Int) {
        self.step = step
    }

    func add(_ count: Int, by user: UserID) { counts.withLock { $0[user, default: 0] += count } }

    /// Takes everything out.
    func take() -> [UserID: Int] {
        counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
    }
}
