import EngineIOCore
import NIOCore

/// Shelves of a ``RecoveryLog`` that are bounded together.
///
/// Over the bound the largest shelf gives its first entry up; of shelves of about a size each in its turn, so that of those of one event
/// the oldest goes. Whoever fills a few shelves takes from these, and others lose nothing. What was taken out leaves a mark on its shelf, also
/// where nothing else is left there.
struct RecoveryPool<Packet> {
    typealias Entry = RecoveryLog<Packet>.Entry
    typealias Shelves = [RecoveryTopic: RecoveryShelf<Packet>]

    /// Bytes held.
    private(set) var byteCount = 0
    /// Entries held.
    private(set) var count = 0
    /// Entries that a bound took out before their time.
    private(set) var evictions = 0
    private(set) var shelves: Shelves = [:]
    /// All entries by age; what a bound has taken out may still be named here until its time. A mark without entries always is.
    private(set) var order: CircularBuffer<(position: UInt64, time: MonotonicInstant, topic: RecoveryTopic)> = []
    private(set) var sizes = ShelfSizes()
    /// For shelves of which not even the mark is left.
    private(set) var lost = RecoveryMark()
    /// Shelves with entries.
    private var filled = 0

    private let retention: Duration
    private let maximumBytes: Int
    private let maximumRoomBytes: Int

    /// The most shelves of which the mark alone is left.
    static var maximumMarks: Int { 65_536 }

    /// Shelves of which the mark alone is left.
    var marks: Int { shelves.count - filled }

    init(retention: Duration, maximumBytes: Int, maximumRoomBytes: Int) {
        self.retention = retention
        self.maximumBytes = maximumBytes
        self.maximumRoomBytes = maximumRoomBytes
    }

    /// Appends an entry that is later than all before it.
    mutating func append(_ entry: Entry, to topic: RecoveryTopic) {
        var bytes = shelves[topic, default: RecoveryShelf()].append(entry)
        let before = bytes - entry.byteCount
        if before == 0 { filled += 1 }
        order.append((entry.position, entry.time, topic))
        byteCount += entry.byteCount
        count += 1
        switch topic {
        case .room, .socket: if bytes > maximumRoomBytes { bytes = boundRoom(topic, bytes) }
        case .everyone, .several: break
        }
        if ShelfSizes.size(bytes) != ShelfSizes.size(before), let index = shelves.index(forKey: topic) { name(index) }
        boundAll()
        if sizes.count > 2 * shelves.count + 64 { forgetNames() }
        if order.count > 2 * (count + marks) + 64 { forgetStale() }
    }

    /// Takes out what nobody can ask for any more.
    mutating func removeExpired(now: MonotonicInstant) {
        while let oldest = order.first, oldest.time + retention < now {
            order.removeFirst()
            expire(oldest.topic, upTo: oldest.position)
        }
        if lost.position > 0, lost.time + retention < now { lost = RecoveryMark() }
    }

    private mutating func expire(_ topic: RecoveryTopic, upTo position: UInt64) {
        guard let index = shelves.index(forKey: topic) else { return }
        let entry = shelves.values[index].expire(upTo: position)
        let (bytes, isMarked) = (shelves[index].value.byteCount, shelves[index].value.lost.position > 0)
        if let entry {
            byteCount -= entry.byteCount
            count -= 1
            if bytes == 0 { filled -= 1 }
        }
        if bytes == 0 {
            // A mark that is younger than what has expired waits for its own time.
            if !isMarked { shelves.remove(at: index) }
        } else if let entry, ShelfSizes.size(bytes) != ShelfSizes.size(bytes + entry.byteCount) {
            name(index)
        }
    }

    /// Of a room with so many bytes. Returns how many are left.
    private mutating func boundRoom(_ topic: RecoveryTopic, _ bytes: Int) -> Int {
        guard let index = shelves.index(forKey: topic) else { return bytes }
        let evicted = shelves.values[index].evict(downTo: maximumRoomBytes)
        let left = shelves[index].value.byteCount
        byteCount -= bytes - left
        count -= evicted
        evictions += evicted
        return left
    }

    private mutating func boundAll() {
        while byteCount > maximumBytes, let largest = sizes.popLargest(upTo: byteCount) {
            guard let index = shelves.index(forKey: largest.topic), shelves[index].value.name == largest.number,
                let entry = shelves.values[index].evictFirst()
            else { continue }
            byteCount -= entry.byteCount
            count -= 1
            evictions += 1
            if shelves[index].value.count > 0 { name(index) } else { empty(index) }
        }
    }

    /// A bound has taken out the last entry of the shelf.
    private mutating func empty(_ index: Shelves.Index) {
        filled -= 1
        let mark = shelves[index].value.mark
        if marks <= Self.maximumMarks {
            shelves.values[index] = mark
        } else {
            lost = lost.later(mark.lost)
            shelves.remove(at: index)
        }
    }

    private mutating func name(_ index: Shelves.Index) {
        let number = sizes.name(shelves[index].key, of: shelves[index].value.byteCount)
        shelves.values[index].name = number
    }

    /// Lets go of names of entries that the bounds have taken out: a busy room would have many of them in its time.
    private mutating func forgetStale() {
        order = CircularBuffer(
            order.filter { name in
                guard let shelf = shelves[name.topic] else { return false }
                return shelf.oldest.map { $0 <= name.position } ?? (shelf.lost.position == name.position)
            }
        )
    }

    private mutating func forgetNames() {
        let shelves = shelves
        sizes.keep { shelves[$0.topic]?.name == $0.number }
    }
}

extension RecoveryPool: Sendable where Packet: Sendable {}
