/// What a namespace's connection state recovery has counted.
public struct RecoveryStatistics: Hashable, Sendable {
    /// Why a client that asked for its session got a new one.
    public enum Refusal: String, Hashable, Sendable, CaseIterable {
        /// No session of this `pid`: never given, expired, evicted, or taken by another.
        case unknownSession
        /// The offset is none of ours, of another run of the server, or lies in the future.
        case foreignOffset
        /// Events were missed that are kept no more.
        case eventsGone
        /// More was missed than a client is sent at once.
        case tooMuchMissed
        /// The application said that the session is not this client's, or its hook failed.
        case refused
        /// The store failed.
        case storeFailed
        /// The session is another server's, and its place among the events cannot be found here.
        case elsewhere
        /// This server has not read the sources as far as the client has, and did not in time.
        case behind
    }

    /// Sessions saved.
    public var saved = 0
    /// Sessions given back.
    public var restored = 0
    /// Of these, sessions whose old connection was still taken for alive, and closed.
    public var superseded = 0
    /// Sessions given back that another server had had.
    public var adopted = 0
    /// Sessions of connected clients written to a shared store.
    public var written = 0
    /// Sessions that could not be written, and are tried again.
    public var writeFailures = 0
    /// Rooms joined while sessions could not be written: a crash before they are would lose them.
    public var unwrittenJoins = 0
    /// Connections closed because their session went on on another server.
    public var lostElsewhere = 0
    /// Events sent as missed.
    public var replayed = 0
    /// Bytes of these events.
    public var replayedBytes = 0
    /// Sessions asked for and not given back.
    public var refusals: [Refusal: Int] = [:]
    /// Events in the log now; one for several rooms counts for each.
    public var loggedEvents = 0
    /// Bytes of the log now.
    public var loggedBytes = 0
    /// Events that bounds on bytes took out of the log before their time.
    public var evictedEvents = 0
    /// Sessions kept now, of all namespaces that share the store.
    public var keptSessions = 0
    /// Sessions that went before their time because there were too many.
    public var evictedSessions = 0

    /// Nothing counted yet.
    public init() {}
}
