import Synchronization

/// How often the bounds on sessions were met. Thread-safe.
final class SessionCounts: Sendable {
    private let counted = Mutex((ended: 0, refused: 0))

    /// Sessions ended because their user had more than may be, and refreshes refused because the session had too many access tokens.
    var current: (ended: Int, refused: Int) { counted.withLock { $0 } }

    /// So many sessions were ended to make room.
    func ended(_ count: Int) { counted.withLock { $0.ended += count } }

    /// A refresh was refused.
    func refused() { counted.withLock { $0.refused += 1 } }
}
