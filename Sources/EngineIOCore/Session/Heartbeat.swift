/// The server's side of the heartbeat. Protocol 4: a ping `interval` after the last answer, which must be answered within `timeout`.
/// Protocol 3: the client pings, never longer than `interval` and `timeout` apart.
public struct Heartbeat: Sendable {
    private enum State {
        case idle(pingAt: MonotonicInstant)
        case waiting(until: MonotonicInstant)
        case listening(until: MonotonicInstant)
    }

    /// What is to be done when the deadline has come.
    public enum Action: Hashable, Sendable {
        /// Send a ping packet.
        case sendPing
        /// Close the session with ``CloseReason/pingTimeout``.
        case timedOut
        /// The deadline lies ahead: look again then.
        case wait
    }

    private var state: State

    /// A heartbeat that sends its first ping after `interval`.
    public init(interval: Duration, now: MonotonicInstant) {
        state = .idle(pingAt: now + interval)
    }

    /// A heartbeat of protocol 3: the first ping must come within `limit`.
    public init(listeningFor limit: Duration, now: MonotonicInstant) {
        state = .listening(until: now + limit)
    }

    /// When ``deadlineReached(interval:timeout:now:)`` is to be called next.
    public var deadline: MonotonicInstant {
        switch state {
        case .idle(let pingAt): pingAt
        case .waiting(let until), .listening(let until): until
        }
    }

    /// The clock has come to ``deadline``, or not quite.
    public mutating func deadlineReached(interval: Duration, timeout: Duration, now: MonotonicInstant) -> Action {
        guard now >= deadline else { return .wait }
        switch state {
        case .idle:
            state = .waiting(until: now + timeout)
            return .sendPing
        case .waiting, .listening:
            return .timedOut
        }
    }

    /// A pong came. An unsolicited one is ignored, as the reference server does. Returns whether it answers a ping.
    @discardableResult
    public mutating func pongReceived(interval: Duration, now: MonotonicInstant) -> Bool {
        guard case .waiting = state else { return false }
        state = .idle(pingAt: now + interval)
        return true
    }

    /// A ping came from a client of protocol 3: the next must come within `limit`.
    public mutating func pingReceived(limit: Duration, now: MonotonicInstant) {
        if case .listening = state { state = .listening(until: now + limit) }
    }
}
