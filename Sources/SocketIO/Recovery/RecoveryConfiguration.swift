/// The settings of connection state recovery: <https://socket.io/docs/v4/connection-state-recovery>.
public struct RecoveryConfiguration: Sendable {
    /// How long a client may be away and get back its socket id, rooms, data and the events it missed.
    public var window: Duration = .seconds(120)
    /// How many sessions are kept for clients that are away; over it the oldest goes and is counted.
    public var maxSessions = 100_000
    /// The most bytes of events kept for each namespace.
    public var maxLogBytes = 64 << 20
    /// The most bytes of events kept for one room, and for one socket.
    public var maxRoomLogBytes = 1 << 20
    /// The most bytes sent to a client as missed; one that missed more gets a new session. Never more than half of what may wait for a
    /// connection (`EngineConfiguration.maxQueuedBytes`): else what was to help a slow client would end its connection.
    public var maxReplayBytes = 512 << 10
    /// Whether events for one socket (``Socket/emit(_:)``) are kept and get an offset too, as those of broadcasts are. Off, they cost nothing.
    public var keepsEventsForOneSocket = true
    /// Where sessions are kept; in memory where `nil`.
    public var store: (any SessionStore)?
    /// From how many sources that other servers read too events come (``OutgoingEvent/source``). With them and a shared ``store`` a client may
    /// go on on another server: the events of sources that it missed come, others do not.
    public var sources = 0
    /// How long a client waits until its new server has read the sources as far as the client has; then it gets a new session.
    public var sourcePatience: Duration = .seconds(2)

    /// The reference server's window, and sessions in memory.
    public init() {}
}
