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

    /// A socket that connected at `connectedAt` and is in `rooms`.
    public init(socketID: String, connectedAt: UInt64, rooms: [String: UInt64]) {
        self.socketID = socketID
        self.connectedAt = connectedAt
        self.rooms = rooms
    }

    /// Whether an event of `audience` at `position` was for this socket.
    func isAddressed(by audience: RecoveryAudience, at position: UInt64) -> Bool {
        if audience.topic == .several, !audience.rooms.contains(where: { isIn($0, at: position) }) { return false }
        return !audience.except.contains { $0 == socketID || rooms[$0] != nil }
    }

    private func isIn(_ room: String, at position: UInt64) -> Bool {
        room == socketID || rooms[room].map { $0 < position } ?? false
    }
}
