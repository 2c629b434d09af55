import EngineIOCore

/// The last event that a bound on bytes took out, of those that it stands for.
struct RecoveryMark: Hashable, Sendable {
    /// 0 where there is none, or nobody can ask for it any more.
    var position: UInt64 = 0
    var time = MonotonicInstant(nanoseconds: 0)

    /// Whether `reader`, who asks for what came after `start`, has had all that was taken out. Whoever has been sent nothing for long asks
    /// for what came after an old position, and yet misses nothing of the time before it was away.
    func spares(_ reader: RecoveryReader, from start: UInt64) -> Bool {
        start >= position || reader.receivedUntil.map { time < $0 } ?? false
    }

    /// What stands for all that either of the two stands for.
    func later(_ other: Self) -> Self { Self(position: max(position, other.position), time: max(time, other.time)) }
}

/// The events of one topic in a ``RecoveryLog``, oldest first.
struct RecoveryShelf<Packet> {
    typealias Entry = RecoveryLog<Packet>.Entry

    /// Those before `first` have been taken out.
    private var entries: [Entry?] = []
    private var first = 0
    private(set) var byteCount = 0
    /// What a bound on bytes took out.
    private(set) var lost = RecoveryMark()
    /// Under which name it stands in ``ShelfSizes``.
    var name = 0

    var count: Int { entries.count - first }
    /// The position of the first; `nil` where there is none.
    var oldest: UInt64? { first < entries.count ? entries[first]?.position : nil }

    /// Returns how many bytes there are then.
    mutating func append(_ entry: Entry) -> Int {
        entries.append(entry)
        byteCount += entry.byteCount
        return byteCount
    }

    /// Takes the first entry out before its time.
    mutating func evictFirst() -> Entry? {
        guard let entry = removeFirst() else { return nil }
        lost = RecoveryMark(position: entry.position, time: entry.time)
        return entry
    }

    /// Takes entries out before their time, from the first on, until there are at most `maximum` bytes or one entry. Returns how many.
    mutating func evict(downTo maximum: Int) -> Int {
        var evicted = 0
        while byteCount > maximum, count > 1, evictFirst() != nil { evicted += 1 }
        return evicted
    }

    /// The time of everything up to `position` is over. Takes the entry there out; those before it have been.
    mutating func expire(upTo position: UInt64) -> Entry? {
        if lost.position <= position { lost = RecoveryMark() }
        return oldest == position ? removeFirst() : nil
    }

    /// The shelf without its entries, and without room for any.
    var mark: Self {
        var mark = Self()
        mark.lost = lost
        return mark
    }

    private mutating func removeFirst() -> Entry? {
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

extension RecoveryShelf: Sendable where Packet: Sendable {}
