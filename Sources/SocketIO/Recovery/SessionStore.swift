/// Keeps the sessions of clients that are away, and one that several servers share those of clients that are there, because a server may go
/// without a word.
///
/// A store sees what the application decided to save: no request, header, token or cookie.
public protocol SessionStore: Sendable {
    /// Whether other servers read the store too: then sessions are written while their clients are connected, by ``write(_:for:_:)``.
    var isShared: Bool { get }

    /// Keeps `session` for `window`, in place of an earlier one of the same ``SavedSession/pid``.
    ///
    /// Called on an event loop: must not wait. A store that writes elsewhere starts to, and makes ``find(_:)`` and ``take(_:)`` wait for it.
    func save(_ session: SavedSession, for window: Duration)

    /// Keeps the sessions of connected clients. Called on an event loop, with some hundred sessions at most, and not again by the same loop
    /// until `done` has been called, which may be anywhere.
    func write(_ sessions: [SavedSession], for window: Duration, _ done: @escaping @Sendable (SessionWriteResult) -> Void)

    /// Forgets a session whose client has left for good. Called on an event loop.
    func remove(_ pid: String)

    /// The session that `pid` stands for, left where it is; `nil` where there is none (any more).
    func find(_ pid: String) async throws -> SavedSession?

    /// Takes the session out: of several that ask at once, one gets it.
    func take(_ pid: String) async throws -> SavedSession?

    /// Sessions kept now, and those that went before their time because there were too many.
    var sessionCounts: (kept: Int, evicted: Int) { get }
}

/// What became of sessions that were to be written.
public enum SessionWriteResult: Hashable, Sendable {
    /// They are kept, but those of these ``SavedSession/pid``s: another server has them now.
    case written(superseded: [String])
    /// Nobody knows whether they are kept.
    case failed
}

extension SessionStore {
    /// Only this server reads it.
    public var isShared: Bool { false }
    /// There is nothing to write while a client is connected.
    public func write(_ sessions: [SavedSession], for window: Duration, _ done: @escaping @Sendable (SessionWriteResult) -> Void) {
        done(.written(superseded: []))
    }
    /// There is nothing to forget.
    public func remove(_ pid: String) {}
}
