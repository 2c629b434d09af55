import EngineIOCore

/// Recognises events that were published twice, by their ids, within a window of time and memory.
struct DuplicateFilter {
    private let window: Duration
    private let capacity: Int
    private var seen: Set<String> = []
    private var order: [(id: String, time: MonotonicInstant)] = []
    private var first = 0

    /// Remembers ids for `window`, at most `capacity` of them.
    init(window: Duration, capacity: Int) {
        self.window = window
        self.capacity = capacity
    }

    var count: Int { seen.count }

    /// Whether `id` is new; it is remembered then.
    mutating func isNew(_ id: String, now: MonotonicInstant) -> Bool {
        while first < order.count, order[first].time + window <= now { forgetOldest() }
        guard !seen.contains(id) else { return false }
        while first < order.count, seen.count >= capacity { forgetOldest() }
        if first > 1024, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        seen.insert(id)
        order.append((id, now))
        return true
    }

    private mutating func forgetOldest() {
        seen.remove(order[first].id)
        first += 1
    }
}
