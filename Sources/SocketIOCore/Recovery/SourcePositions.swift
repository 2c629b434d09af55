/// How far each of several sources has been read: the place of a client among events that means the same on every server.
public struct SourcePositions: Hashable, Sendable {
    private var ids: [SourceID]

    /// The most sources.
    public static let maximumCount = 8

    /// Before the first entry of `count` sources.
    public init(count: Int) {
        ids = [SourceID](repeating: .zero, count: min(count, Self.maximumCount))
    }

    /// How many sources.
    public var count: Int { ids.count }

    /// How far the source has been read.
    public subscript(source: Int) -> SourceID { ids.indices.contains(source) ? ids[source] : .zero }

    /// Whether the entry has been read.
    public func hasPassed(_ place: SourcePlace) -> Bool { self[place.source] >= place.id }

    /// Whether everything has been read that `other` has.
    public func hasReached(_ other: Self) -> Bool { ids.indices.allSatisfy { self[$0] >= other[$0] } }

    /// The entry has been read, and all before it.
    public mutating func advance(to place: SourcePlace) {
        if ids.indices.contains(place.source) { ids[place.source] = max(ids[place.source], place.id) }
    }

    /// What either of the two has read; of a source that only one of them knows, as where the other was written by an earlier version of the
    /// server, what that one has.
    public func merged(with other: Self) -> Self {
        var merged = Self(count: max(count, other.count))
        for source in merged.ids.indices { merged.ids[source] = max(self[source], other[source]) }
        return merged
    }

    /// The ids with `~` between them. Needs no escapes in JSON.
    public var text: String { ids.map(\.text).joined(separator: "~") }

    /// Reads what ``text`` wrote.
    public init?(_ text: some StringProtocol) {
        var ids: [SourceID] = []
        for part in text.split(separator: "~", maxSplits: Self.maximumCount, omittingEmptySubsequences: false) {
            guard ids.count < Self.maximumCount, let id = SourceID(part) else { return nil }
            ids.append(id)
        }
        self.ids = ids
    }
}

/// The places of one socket among the events of sources, for a session that goes on on another server.
public struct SharedPlaces: Hashable, Sendable {
    /// Up to where everything had been sent when the socket connected first.
    public var connectedAt: SourcePositions
    /// The same for each room when the socket joined it.
    public var rooms: [String: SourcePositions]

    /// Places of a socket.
    public init(connectedAt: SourcePositions, rooms: [String: SourcePositions]) {
        self.connectedAt = connectedAt
        self.rooms = rooms
    }
}
