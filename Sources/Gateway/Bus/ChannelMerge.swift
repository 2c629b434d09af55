import EngineIOCore
import NIOCore

/// Brings together what comes by the channel of a room and again by the channel of its type.
///
/// Publishers write each event to both. Events without an id are told apart by nothing but what they say, and may say the same twice, so
/// arrivals are counted for each content and way: one is new if by no way as many have come before. That holds however the two ways
/// overtake each other, and while one of them is only being subscribed to.
struct ChannelMerge {
    enum Way {
        case room
        case type
    }

    private struct Arrivals {
        var room = 0
        var type = 0
        var last: MonotonicInstant
    }

    private let window: Duration
    private let capacity: Int
    private var arrivals: [Int: Arrivals] = [:]
    private var order: CircularBuffer<(content: Int, time: MonotonicInstant)> = []

    /// - Parameters:
    ///   - window: How far apart the two may come.
    ///   - capacity: How many arrivals are looked back at.
    init(window: Duration, capacity: Int) {
        self.window = window
        self.capacity = capacity
    }

    /// How many contents are remembered.
    var count: Int { arrivals.count }

    /// Whether an event with this content, given by its hash, has not come the other way.
    mutating func isNew(_ content: Int, by way: Way, now: MonotonicInstant) -> Bool {
        while let oldest = order.first, order.count >= capacity || oldest.time + window <= now {
            order.removeFirst()
            if arrivals[oldest.content]?.last == oldest.time { arrivals[oldest.content] = nil }
        }
        var seen = arrivals[content] ?? Arrivals(last: now)
        let before = max(seen.room, seen.type)
        switch way {
        case .room: seen.room += 1
        case .type: seen.type += 1
        }
        seen.last = now
        arrivals[content] = seen
        order.append((content, now))
        return max(seen.room, seen.type) > before
    }

    /// Forgets everything.
    mutating func removeAll() {
        arrivals = [:]
        order = []
    }
}
