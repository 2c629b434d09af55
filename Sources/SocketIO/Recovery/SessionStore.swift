/// Keeps the sessions of clients that are away.
///
/// A store sees what the application decided to save: no request, header, token or cookie.
public protocol SessionStore: Sendable {
    /// Keeps `session` for `window`, in place of an earlier one of the same ``SavedSession/pid``.
    ///
    /// Called on an event loop: must not wait. A store that writes elsewhere starts to, and makes ``find(_:)`` and ``take(_:)`` wait for it.
    func save(_ session: SavedSession, for window: Duration)

    /// The session that `pid` stands for, left where it is; `nil` where there is none (any more).
    func find(_ pid: String) async throws -> SavedSession?

    /// Takes the session out: of several that ask at once, one gets it.
    func take(_ pid: String) async throws -> SavedSession?

    /// Sessions kept now, and those that went before their time because there were too many.
    var sessionCounts: (kept: Int, evicted: Int) { get }
}
