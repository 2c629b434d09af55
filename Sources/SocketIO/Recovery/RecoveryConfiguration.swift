/// The settings of connection state recovery: <https://socket.io/docs/v4/connection-state-recovery>.
public struct RecoveryConfiguration: Sendable {
    /// How long a client may be away and get back its socket id, rooms, data and the events it missed.
    public var window: Duration = .seconds(120)
    /// How many sessions are kept for clients that are away; over it the oldest goes and is counted.
    public var maxSessions = 100_000
    /// The most bytes of events kept for each namespace. `nil`: 64 MiB, or what is kept of eight rooms where that is more.
    public var maxLogBytes: Int?
    /// The most bytes of events kept for one room, and for one socket. `nil`: 8 MiB, or eight times what may wait for a connection
    /// (`EngineConfiguration.maxQueuedBytes`) where that is more. Who was closed as slow finds here what waited then, and what came until it
    /// is back; with less than the queue holds it would find nothing.
    public var maxRoomLogBytes: Int?
    /// Which rooms carry what clients write to each other. Where it is said, those have a quarter of ``maxLogBytes`` and all others the rest,
    /// so that nobody has other events forgotten by writing much. Called under a lock, from any thread, for each event that is kept for a
    /// room: it must be quick, and say the same of a room each time. Events for more than four rooms are among the others.
    public var isWrittenByClients: (@Sendable (_ room: String) -> Bool)?
    /// The most bytes sent to a client as missed; one that missed more gets a new session. `nil`: twice what is kept of one room. They are not
    /// counted as waiting: what was to help a slow client would else end its connection. They wait as references to what the log holds;
    /// but of a client that goes on on another server as copies, because their offsets are its own.
    public var maxReplayBytes: Int?
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
