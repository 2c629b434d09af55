import EngineIO
import EngineIOCore
import NIOCore

/// What the recovery of all namespaces of a server shares.
struct RecoveryEnvironment: Sendable {
    let store: any SessionStore
    let random: RandomSource
    let now: @Sendable () -> MonotonicInstant
    /// The longest that a connection may be dead before the server notices: what was sent before has been received, or its client's
    /// pong would be missing.
    let unnoticed: Duration
    let bounds: RecoveryBounds

    init(_ configuration: SocketIOConfiguration, _ recovery: RecoveryConfiguration, eventLoops: [any EventLoop]) {
        let clock = eventLoops.first
        let now: @Sendable () -> MonotonicInstant = {
            MonotonicInstant(nanoseconds: Int64((clock?.now ?? .now()).uptimeNanoseconds))
        }
        self.now = now
        self.random = configuration.random
        self.store = recovery.store ?? MemorySessionStore(maximumSessions: recovery.maxSessions, now: now)
        self.unnoticed = configuration.missedEventsAge(recovery) - recovery.window
        self.bounds = RecoveryBounds(recovery, maxQueuedBytes: configuration.engine.maxQueuedBytes)
    }
}

extension SocketIOConfiguration {
    /// The age at which an event has been received by whoever was to get it, or is worth nothing to them any more: older than a client may be
    /// away and its connection dead unnoticed, together.
    public func missedEventsAge(_ recovery: RecoveryConfiguration) -> Duration {
        // The last pong may have come right before the next ping was due, and have answered a ping one time-out older.
        recovery.window + engine.pingInterval + engine.pingTimeout + engine.pingTimeout
    }
}
