public import EngineIOCore

/// Whom a logged event was for: a topic has its own list in the ``RecoveryLog``, so that a busy room does not push a quiet one out.
public enum RecoveryTopic: Hashable, Sendable {
    /// Everyone in the namespace.
    case everyone
    /// Members of one room.
    case room(String)
    /// Members of any of several rooms, which stand beside the event. Where these are few, the event is kept with each of them.
    case several
    /// One socket.
    case socket(String)
}

/// Whom one logged event was for.
public struct RecoveryAudience: Hashable, Sendable {
    /// Whom it was for, as one word.
    public let topic: RecoveryTopic
    /// The rooms of ``RecoveryTopic/several``; empty for other topics.
    public let rooms: Set<String>
    /// But not members of any of these.
    public let except: Set<String>

    /// The most rooms of one event that keep it each for itself: a reader then looks at nothing but its own rooms.
    static let maximumShelves = 4

    /// The lists that the event is kept in.
    var shelves: [RecoveryTopic] {
        topic == .several && rooms.count <= Self.maximumShelves ? rooms.map { .room($0) } : [topic]
    }

    /// A broadcast to `rooms`, to everyone where that is empty, without members of `except`.
    public init(rooms: Set<String>, except: Set<String> = []) {
        switch rooms.count {
        case 0: topic = .everyone
        case 1: topic = .room(rooms.first ?? "")
        default: topic = .several
        }
        self.rooms = rooms.count > 1 ? rooms : []
        self.except = except
    }

    /// An event for one socket.
    public init(socketID: String) {
        topic = .socket(socketID)
        rooms = []
        except = []
    }
}

/// One socket as a reader of the log: what was for it, and since when.
public struct RecoveryReader: Hashable, Sendable {
    /// The socket's id; its own room too.
    public var socketID: String
    /// The log's position when it connected first.
    public var connectedAt: UInt64
    /// Its rooms, each with the log's position when it joined.
    public var rooms: [String: UInt64]
    /// Where its session comes from another server: up to where it has seen the events of sources, in all and of each room. Only events of
    /// sources are for it then, because nobody knows of others whether it had them.
    public var shared: SharedPlaces?
    /// By the clock of this server: what was sent before has been received. `nil` where that is not known.
    public var receivedUntil: MonotonicInstant?

    /// A socket that connected at `connectedAt` and is in `rooms`.
    public init(
        socketID: String,
        connectedAt: UInt64,
        rooms: [String: UInt64],
        shared: SharedPlaces? = nil,
        receivedUntil: MonotonicInstant? = nil
    ) {
        self.socketID = socketID
        self.connectedAt = connectedAt
        self.rooms = rooms
        self.shared = shared
        self.receivedUntil = receivedUntil
    }

    /// Whether an event of `audience` at `position`, from `source`, was for this socket.
    func isAddressed(by audience: RecoveryAudience, at position: UInt64, from source: SourcePlace?) -> Bool {
        if let shared, source.map({ shared.connectedAt.hasPassed($0) }) ?? true { return false }
        switch audience.topic {
        case .room(let room): if !isIn(room, at: position, from: source) { return false }
        case .several: if !audience.rooms.contains(where: { isIn($0, at: position, from: source) }) { return false }
        case .everyone, .socket: break
        }
        return !audience.except.contains { $0 == socketID || rooms[$0] != nil }
    }

    private func isIn(_ room: String, at position: UInt64, from source: SourcePlace?) -> Bool {
        if room == socketID { return true }
        guard let joined = rooms[room], joined < position else { return false }
        guard let source, let place = shared?.rooms[room] else { return true }
        return !place.hasPassed(source)
    }
}
