/// The acks that one socket waits for.
///
/// Generic over what is to be called, so that its rules can be tested with strings. Time comes from the caller.
public struct AckTable<Handler, Instant: Comparable> {
    private var nextID: UInt64 = 0
    private var waiting: [UInt64: (handler: Handler, deadline: Instant)] = [:]

    /// No acks asked for yet.
    public init() {}

    /// How many acks are waited for.
    public var count: Int { waiting.count }

    /// The earliest deadline.
    public var deadline: Instant? { waiting.values.map(\.deadline).min() }

    /// Remembers `handler` under a new id.
    public mutating func add(_ handler: Handler, deadline: Instant) -> UInt64 {
        defer { nextID += 1 }
        waiting[nextID] = (handler, deadline)
        return nextID
    }

    /// An ack came; `nil` where nobody waits for it (any more).
    public mutating func received(_ id: UInt64) -> Handler? {
        waiting.removeValue(forKey: id)?.handler
    }

    /// Takes out those whose time is over, in the order they were asked for.
    public mutating func expired(now: Instant) -> [Handler] {
        let ids = waiting.filter { $0.value.deadline <= now }.keys.sorted()
        return ids.compactMap { waiting.removeValue(forKey: $0)?.handler }
    }

    /// Takes out all: the socket is gone.
    public mutating func removeAll() -> [Handler] {
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value.handler)
    }
}
