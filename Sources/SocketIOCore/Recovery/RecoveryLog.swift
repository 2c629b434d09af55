public import EngineIOCore

/// Why a ``RecoveryLog`` cannot say what a reader has missed.
public enum RecoveryLogError: Error, Hashable, Sendable {
    /// A bound on bytes has taken part of it out.
    case gone
    /// It is more than was asked for.
    case tooMuch
}

/// The recoverable events of one namespace, for clients that were away: bounded in time, in bytes, and in bytes for each room.
///
/// A value, generic over what an event is, without clock and I/O. What time takes out needs no remembering: it is older than the longest
/// absence together with the longest time in which a connection may be dead unnoticed, so whoever was to get it has it or is gone. What a
/// bound on bytes takes out leaves a mark where it stood, and who of those it was for would need it is told that it cannot be recovered: who
/// was away when it was sent, or may have been.
public struct RecoveryLog<Packet> {
    /// One event.
    public struct Entry {
        /// Its place: 1 for the first event of the namespace.
        public let position: UInt64
        /// The event.
        public let packet: Packet
        let audience: RecoveryAudience
        let source: SourcePlace?
        let time: MonotonicInstant
        let byteCount: Int
    }

    /// The position of the last event; 0 before the first.
    public private(set) var position: UInt64 = 0
    /// Events that were published.
    private(set) var published: RecoveryPool<Packet>
    /// Events that clients have written, which never take the place of others.
    private(set) var written: RecoveryPool<Packet>
    private let isWritten: (@Sendable (_ room: String) -> Bool)?
    /// When the last event was logged. Callers may have looked at the clock in another order than they come in; here later positions have
    /// later times.
    private var latest = MonotonicInstant(nanoseconds: .min)

    /// Bytes held, with an allowance for the bookkeeping of each entry.
    public var byteCount: Int { published.byteCount + written.byteCount }
    /// How many events are held; one for several rooms counts for each of them.
    public var count: Int { published.count + written.count }
    /// Events that a bound on bytes took out before their time.
    public var evictions: Int { published.evictions + written.evictions }

    /// What an entry costs beside its packet.
    static var overhead: Int { 160 }

    /// An empty log.
    ///
    /// - Parameters:
    ///   - retention: How long an event is kept: longer than a client may be away and its connection dead unnoticed, together.
    ///   - maximumBytes: The most bytes in all.
    ///   - maximumRoomBytes: The most bytes of one room, and of the events for one socket; the newest event is kept whatever its size.
    ///   - maximumWrittenBytes: How many of the bytes in all are for rooms for which `isWritten` holds. The others have the rest.
    ///   - isWritten: Whether a room carries what clients write to each other. Asked for each room of an event and of a reader; what it says
    ///     of a room must not change. An event for more than four rooms counts as published.
    public init(
        retention: Duration,
        maximumBytes: Int,
        maximumRoomBytes: Int,
        maximumWrittenBytes: Int = 0,
        isWritten: (@Sendable (_ room: String) -> Bool)? = nil
    ) {
        let forWritten = max(0, min(maximumWrittenBytes, maximumBytes))
        published = RecoveryPool(
            retention: retention,
            maximumBytes: maximumBytes - forWritten,
            maximumRoomBytes: maximumRoomBytes
        )
        written = RecoveryPool(retention: retention, maximumBytes: forWritten, maximumRoomBytes: maximumRoomBytes)
        self.isWritten = isWritten
    }

    /// Appends the event that `makePacket` makes for its position; `makePacket` says how many bytes it takes too. `source` is where it comes
    /// from, if that is something that other servers read as well.
    public mutating func append(
        for audience: RecoveryAudience,
        from source: SourcePlace? = nil,
        now: MonotonicInstant,
        _ makePacket: (_ position: UInt64) -> (packet: Packet, byteCount: Int)
    ) -> Packet {
        removeExpired(now: now)
        position += 1
        let (packet, size) = makePacket(position)
        let bytes = size + Self.overhead
        latest = max(latest, now)
        let entry = Entry(position: position, packet: packet, audience: audience, source: source, time: latest, byteCount: bytes)
        for topic in audience.shelves {
            if isWritten(topic) { written.append(entry, to: topic) } else { published.append(entry, to: topic) }
        }
        return packet
    }

    /// Takes out what nobody can ask for any more.
    public mutating func removeExpired(now: MonotonicInstant) {
        published.removeExpired(now: now)
        written.removeExpired(now: now)
    }

    /// What was for `reader` after `position`, up to and including `last`, in order.
    ///
    /// - Throws: Where part of that is gone, or the events have more than `maximumBytes`.
    public func missed(
        by reader: RecoveryReader,
        after position: UInt64,
        upTo last: UInt64,
        maximumBytes: Int = .max
    ) throws(RecoveryLogError) -> [Entry] {
        let start = max(position, reader.connectedAt)
        var topics: [(RecoveryTopic, UInt64)] = [
            (.everyone, start), (.several, start), (.socket(reader.socketID), start), (.room(reader.socketID), start),
        ]
        topics += reader.rooms.filter { $0.key != reader.socketID }.map { (.room($0.key), max(start, $0.value)) }
        var found: [Entry] = []
        // At least; an event for several rooms is found once for each of them that the reader is in.
        var byteCount = 0
        var isInOrder = true
        for (topic, start) in topics {
            let (shelf, lost) = kept(topic)
            guard lost.spares(reader, from: start) else { throw .gone }
            guard let shelf else { continue }
            guard shelf.lost.spares(reader, from: start) else { throw .gone }
            for entry in shelf.entries(after: start) {
                if entry.position > last { break }
                guard reader.isAddressed(by: entry.audience, at: entry.position, from: entry.source) else { continue }
                if let last = found.last, last.position >= entry.position { isInOrder = false }
                found.append(entry)
                byteCount += (entry.byteCount - Self.overhead) / max(1, entry.audience.rooms.count)
                // At once, so that what is refused costs no more than what is sent: publishers wait meanwhile.
                if byteCount > maximumBytes { throw .tooMuch }
            }
        }
        var position: UInt64 = 0
        let missed =
            isInOrder
            ? found
            : found.sorted { $0.position < $1.position }.filter { entry in
                defer { position = entry.position }
                return entry.position != position
            }
        guard missed.reduce(0, { $0 + $1.byteCount - Self.overhead }) <= maximumBytes else { throw .tooMuch }
        return missed
    }

    /// What is kept of a topic, and what was lost of those of which nothing is, not even that something was lost.
    private func kept(_ topic: RecoveryTopic) -> (shelf: RecoveryShelf<Packet>?, lost: RecoveryMark) {
        isWritten(topic) ? (written.shelves[topic], written.lost) : (published.shelves[topic], published.lost)
    }

    private func isWritten(_ topic: RecoveryTopic) -> Bool {
        guard let isWritten, case .room(let room) = topic else { return false }
        return isWritten(room)
    }
}

extension RecoveryLog: Sendable where Packet: Sendable {}
extension RecoveryLog.Entry: Sendable where Packet: Sendable {}
