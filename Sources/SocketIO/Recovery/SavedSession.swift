public import SocketIOCore

/// What is kept of a socket whose client is away, and given back when the client comes again.
public struct SavedSession: Sendable {
    /// The private id that the client must show.
    public let pid: String
    /// The socket's id, which the restored socket has again.
    public let socketID: String
    /// The namespace.
    public let namespace: String
    /// What ``NamespaceDefinition/onSave(_:)`` made of ``Socket/data``.
    public let data: (any Sendable)?
    /// The log of events that the positions in ``reader`` belong to.
    public let epoch: String
    /// The rooms, and the places in the log from which on events were for this socket.
    public let reader: RecoveryReader
    /// The same places among the events of sources that all servers read (``RecoveryConfiguration/sources``), for a server with another log.
    public let shared: SharedPlaces?
    /// Whether the session began on another server, and ``reader`` says less of it than ``shared``.
    public let isFromElsewhere: Bool

    /// The rooms the socket was in.
    public var rooms: Set<String> { Set(reader.rooms.keys) }

    /// A session: for stores that keep it in another form.
    public init(
        pid: String,
        socketID: String,
        namespace: String,
        data: (any Sendable)?,
        epoch: String,
        reader: RecoveryReader,
        shared: SharedPlaces? = nil,
        isFromElsewhere: Bool = false
    ) {
        self.pid = pid
        self.socketID = socketID
        self.namespace = namespace
        self.data = data
        self.epoch = epoch
        self.reader = reader
        self.shared = shared
        self.isFromElsewhere = isFromElsewhere
    }
}

/// What an application gives back to a client of its saved session.
public struct RestoredState: Sendable {
    /// The rooms to be in again; those that the session was not in are left out. Missed events of other rooms are not sent.
    public var rooms: Set<String>
    /// What becomes ``Socket/data``.
    public var data: (any Sendable)?

    /// These rooms and data.
    public init(rooms: Set<String>, data: (any Sendable)?) {
        self.rooms = rooms
        self.data = data
    }

    /// All that was saved.
    public init(_ session: SavedSession) {
        self.init(rooms: session.rooms, data: session.data)
    }
}
