import Synchronization

/// Connections of the auth service's own port that were ended because the other side was slow. Thread-safe.
public final class ListenerTimeouts: Sendable {
    private let counted = Mutex((requests: 0, answers: 0))

    /// Nothing counted yet.
    public init() {}

    /// Requests that did not come whole in time, and answers that were not made, or not taken, in time.
    public var current: (requests: Int, answers: Int) { counted.withLock { $0 } }

    /// A request did not come whole in time.
    public func requestTimedOut() { counted.withLock { $0.requests += 1 } }

    /// An answer was not made, or not taken, in time.
    public func answerTimedOut() { counted.withLock { $0.answers += 1 } }
}
