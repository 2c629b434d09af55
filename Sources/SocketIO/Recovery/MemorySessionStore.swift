public import EngineIOCore
import NIOCore
import Synchronization

/// Keeps sessions in memory, a bounded number of them.
///
/// The lock is taken where a client goes and where it comes again, never for an event.
public final class MemorySessionStore: SessionStore {
    private struct Kept {
        let session: SavedSession
        let expiry: MonotonicInstant
        let number: UInt64
    }

    private struct State {
        var sessions: [String: Kept] = [:]
        /// By age. Names of sessions that have been taken stay until it is their turn.
        var order: CircularBuffer<(pid: String, number: UInt64)> = []
        var nextNumber: UInt64 = 0
        var evicted = 0
    }

    private let maximumSessions: Int
    private let now: @Sendable () -> MonotonicInstant
    private let state = Mutex(State())

    /// An empty store of at most `maximumSessions` sessions, with the time that `now` tells.
    public init(maximumSessions: Int, now: @escaping @Sendable () -> MonotonicInstant) {
        self.maximumSessions = max(1, maximumSessions)
        self.now = now
    }

    /// Keeps `session`; over the bound the oldest goes.
    public func save(_ session: SavedSession, for window: Duration) {
        let now = self.now()
        state.withLock { state in
            state.nextNumber += 1
            state.sessions[session.pid] = Kept(session: session, expiry: now + window, number: state.nextNumber)
            state.order.append((session.pid, state.nextNumber))
            // The windows of one store are alike, so the oldest is the first to expire.
            while let (pid, number) = state.order.first {
                let kept = state.sessions[pid]
                if let kept, kept.number == number, kept.expiry >= now {
                    guard state.sessions.count > maximumSessions else { break }
                    state.evicted += 1
                }
                if kept?.number == number { state.sessions[pid] = nil }
                state.order.removeFirst()
            }
            // Names of sessions that were taken do not pile up behind one that waits long.
            if state.order.count > 2 * maximumSessions + 64 {
                let sessions = state.sessions
                state.order.removeAll { sessions[$0.pid]?.number != $0.number }
            }
        }
    }

    /// The session of `pid`, if its time is not over.
    public func find(_ pid: String) -> SavedSession? {
        let now = self.now()
        return state.withLock { state in
            guard let kept = state.sessions[pid] else { return nil }
            if kept.expiry < now { state.sessions[pid] = nil }
            return kept.expiry < now ? nil : kept.session
        }
    }

    /// Takes the session of `pid` out, if its time is not over.
    public func take(_ pid: String) -> SavedSession? {
        let now = self.now()
        return state.withLock { state in
            guard let kept = state.sessions.removeValue(forKey: pid), kept.expiry >= now else { return nil }
            return kept.session
        }
    }

    /// Sessions kept now, and those that went because there were too many.
    public var sessionCounts: (kept: Int, evicted: Int) {
        state.withLock { ($0.sessions.count, $0.evicted) }
    }
}
