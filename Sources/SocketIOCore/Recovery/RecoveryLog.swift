public import EngineIOCore
import NIOCore

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
/// bound on bytes takes out leaves a mark, and who would need it is told that it cannot be recovered: who was away when it was sent, or may have
/// been.
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

    /// The last entry that a bound on bytes took out.
    fileprivate struct Mark {
        /// 0 where there is none, or nobody can ask for it any more.
        var position: UInt64 = 0
        var time = MonotonicInstant(nanoseconds: 0)

        /// Whether `reader`, who asks for what came after `start`, has had all that was taken out. Whoever has been sent nothing for long asks
        /// for what came after an old position, and yet misses nothing of the time before it was away.
        func spares(_ reader: RecoveryReader, from start: UInt64) -> Bool {
            start >= position || reader.receivedUntil.map { time < $0 } ?? false
        }
    }

    /// The entries of one topic, oldest first.
    fileprivate struct Shelf {
        /// Those before `first` have been taken out.
        var entries: [Entry?] = []
        var first = 0
        var byteCount = 0
        /// What a bound on bytes took out.
        var lost = Mark()

        var count: Int { entries.count - first }
        /// The position of the first; `nil` where there is none.
        var oldest: UInt64? { first < entries.count ? entries[first]?.position : nil }

        mutating func append(_ entry: Entry) {
            entries.append(entry)
            byteCount += entry.byteCount
        }

        mutating func removeFirst() -> Entry? {
            guard first < entries.count, let entry = entries[first] else { return nil }
            entries[first] = nil
            first += 1
            byteCount -= entry.byteCount
            if first >= 16, first * 2 >= entries.count {
                entries.removeFirst(first)
                first = 0
            }
            return entry
        }

        /// The entries after `position`; positions rise, so half of what is left can be ruled out at each step.
        func entries(after position: UInt64) -> some Sequence<Entry> {
            var (low, high) = (first, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if let entry = entries[middle], entry.position > position { high = middle } else { low = middle + 1 }
            }
            return entries[low...].lazy.compactMap { $0 }
        }
    }

    /// The position of the last event; 0 before the first.
    public private(set) var position: UInt64 = 0
    /// Bytes held, with an allowance for the bookkeeping of each entry.
    public private(set) var byteCount = 0
    /// Events that a bound on bytes took out before their time.
    public private(set) var evictions = 0

    private let retention: Duration
    private let maximumBytes: Int
    private let maximumRoomBytes: Int
    private var shelves: [RecoveryTopic: Shelf] = [:]
    /// All entries by age; what a room's bound has taken out already is still named here until its time.
    private(set) var order: CircularBuffer<(position: UInt64, time: MonotonicInstant, topic: RecoveryTopic)> = []
    /// What the bound on all bytes took out.
    private var lost = Mark()
    /// How many events are held; one for several rooms counts for each of them.
    public private(set) var count = 0

    /// What an entry costs beside its packet.
    static var overhead: Int { 160 }

    /// An empty log.
    ///
    /// - Parameters:
    ///   - retention: How long an event is kept: longer than a client may be away and its connection dead unnoticed, together.
    ///   - maximumBytes: The most bytes in all.
    ///   - maximumRoomBytes: The most bytes of one room, and of the events for one socket; the newest event is kept whatever its size.
    public init(retention: Duration, maximumBytes: Int, maximumRoomBytes: Int) {
        self.retention = retention
        self.maximumBytes = maximumBytes
        self.maximumRoomBytes = maximumRoomBytes
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
        let entry = Entry(position: position, packet: packet, audience: audience, source: source, time: now, byteCount: bytes)
        for topic in audience.shelves {
            shelves[topic, default: Shelf()].append(entry)
            order.append((position, now, topic))
            byteCount += entry.byteCount
            count += 1
            switch topic {
            case .room, .socket: boundRoom(topic)
            case .everyone, .several: break
            }
        }
        while byteCount > maximumBytes, let oldest = order.popFirst() {
            if remove(oldest.topic, upTo: oldest.position) {
                lost = Mark(position: oldest.position, time: oldest.time)
                evictions += 1
            }
        }
        if order.count > 2 * count + 64 { forgetStale() }
        return packet
    }

    /// Lets go of the names of entries that the bounds of their rooms have taken out: a busy room would have many of them in its time.
    private mutating func forgetStale() {
        order = CircularBuffer(order.filter { name in (shelves[name.topic]?.oldest).map { $0 <= name.position } ?? false })
    }

    /// Takes out what nobody can ask for any more.
    public mutating func removeExpired(now: MonotonicInstant) {
        while let oldest = order.first, oldest.time + retention < now {
            order.removeFirst()
            _ = remove(oldest.topic, upTo: oldest.position)
        }
        if lost.position > 0, lost.time + retention < now { lost = Mark() }
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
        guard lost.spares(reader, from: start) else { throw .gone }
        var topics: [(RecoveryTopic, UInt64)] = [
            (.everyone, start), (.several, start), (.socket(reader.socketID), start), (.room(reader.socketID), start),
        ]
        topics += reader.rooms.filter { $0.key != reader.socketID }.map { (.room($0.key), max(start, $0.value)) }
        var found: [Entry] = []
        // At least; an event for several rooms is found once for each of them that the reader is in.
        var byteCount = 0
        var isInOrder = true
        for (topic, start) in topics {
            guard let shelf = shelves[topic] else { continue }
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

    private mutating func boundRoom(_ topic: RecoveryTopic) {
        guard shelves[topic]?.byteCount ?? 0 > maximumRoomBytes, var shelf = shelves.removeValue(forKey: topic) else { return }
        while shelf.byteCount > maximumRoomBytes, shelf.count > 1, let entry = shelf.removeFirst() {
            shelf.lost = Mark(position: entry.position, time: entry.time)
            byteCount -= entry.byteCount
            count -= 1
            evictions += 1
        }
        shelves[topic] = shelf
    }

    /// Takes the first entry of `topic` out if it is the one at `position`. `false` where that has gone before.
    private mutating func remove(_ topic: RecoveryTopic, upTo position: UInt64) -> Bool {
        guard var shelf = shelves.removeValue(forKey: topic) else { return false }
        let isThere = shelf.entries(after: position - 1).first { _ in true }?.position == position
        if isThere, let entry = shelf.removeFirst() {
            byteCount -= entry.byteCount
            count -= 1
        }
        // A mark lasts as long as the entries after it: once their time is over, so is that of what it stands for.
        if shelf.count > 0 { shelves[topic] = shelf }
        return isThere
    }
}

extension RecoveryLog: Sendable where Packet: Sendable {}
extension RecoveryLog.Entry: Sendable where Packet: Sendable {}
extension RecoveryLog.Shelf: Sendable where Packet: Sendable {}
