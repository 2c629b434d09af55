import SocketIO

/// What is counted of connection state recovery.
enum RecoveryMetrics {
    static func write(_ recovery: RecoveryStatistics, _ text: inout PrometheusText) {
        text.counter("moonx_recovery_sessions_saved_total", "Sessions saved for clients that lost their connection.", recovery.saved)
        text.counter("moonx_recovery_sessions_restored_total", "Sessions given back.", recovery.restored)
        text.counter(
            "moonx_recovery_sessions_superseded_total",
            "Of these, sessions whose old connection was still taken for alive.",
            recovery.superseded
        )
        text.counter(
            "moonx_recovery_sessions_adopted_total",
            "Of these, sessions that another node had had.",
            recovery.adopted
        )
        text.counter("moonx_recovery_session_writes_total", "Sessions of connected clients written for other nodes.", recovery.written)
        text.counter(
            "moonx_recovery_session_write_failures_total",
            "Sessions of connected clients that could not be written, and are tried again.",
            recovery.writeFailures
        )
        text.counter(
            "moonx_recovery_unwritten_joins_total",
            "Rooms joined while sessions could not be written for other nodes.",
            recovery.unwrittenJoins
        )
        text.counter(
            "moonx_recovery_sessions_lost_total",
            "Connections closed because their clients had gone on on another node.",
            recovery.lostElsewhere
        )
        text.counter(
            "moonx_recovery_sessions_refused_total",
            "Sessions asked for and not given back, by reason.",
            RecoveryStatistics.Refusal.allCases.map { ("reason=\"\($0.rawValue)\"", recovery.refusals[$0] ?? 0) }
        )
        text.gauge("moonx_recovery_sessions", "Sessions kept for clients that are away.", recovery.keptSessions)
        text.counter("moonx_recovery_sessions_evicted_total", "Sessions forgotten because there were too many.", recovery.evictedSessions)
        text.counter("moonx_recovery_replayed_total", "Missed events sent to clients that came back.", recovery.replayed)
        text.counter("moonx_recovery_replayed_bytes_total", "Bytes of these events.", recovery.replayedBytes)
        text.gauge("moonx_recovery_log_events", "Events kept for clients that are away.", recovery.loggedEvents)
        text.gauge("moonx_recovery_log_bytes", "Bytes of events kept for clients that are away.", recovery.loggedBytes)
        text.counter("moonx_recovery_log_evicted_total", "Events that a bound on bytes took out before their time.", recovery.evictedEvents)
    }
}
