/// The last events of one room, for members who were away for a moment. Bounded by count and by bytes; the oldest go first.
///
/// A value that numbers nothing itself: the caller appends each event with its number, which rises by one.
public struct EventLog<Event: Sendable>: Sendable {
    /// How much one log keeps.
    public struct Bounds: Hashable, Sendable {
        /// The most events.
        public var events: Int
        /// The most bytes, as the caller counts them.
        public var bytes: Int

        /// At most `events` events of `bytes` bytes together.
        public init(events: Int, bytes: Int) {
            self.events = events
            self.bytes = bytes
        }
    }

    private var entries: ArraySlice<(event: Event, bytes: Int)> = []
    /// The number of the last event; what came before the log began counts.
    public private(set) var last: UInt64
    /// Bytes kept.
    public private(set) var byteCount = 0

    /// An empty log that begins after the event numbered `last`.
    public init(after last: UInt64) {
        self.last = last
    }

    /// How many events are kept.
    public var count: Int { entries.count }

    /// Adds the next event, numbered `number`, and lets go of the oldest beyond `bounds`. A number that does not follow begins anew.
    public mutating func append(_ event: Event, number: UInt64, bytes: Int, bounds: Bounds) {
        if number != last &+ 1 { removeAll() }
        last = number
        entries.append((event, bytes))
        byteCount += bytes
        while entries.count > bounds.events || (byteCount > bounds.bytes && !entries.isEmpty) {
            byteCount -= entries.removeFirst().bytes
        }
        // A slice keeps the room of what it let go of: it is moved to the front once that is as much as is left.
        if entries.startIndex > 16, entries.startIndex >= entries.count { entries = ArraySlice(Array(entries)) }
    }

    /// Lets go of all events; the numbers go on.
    public mutating func removeAll() {
        entries = []
        byteCount = 0
    }

    /// The events after the one numbered `number`, oldest first; `nil` where some of them are gone, or that number has not been reached.
    public func events(after number: UInt64) -> [(number: UInt64, event: Event)]? {
        guard number <= last, last - number <= UInt64(entries.count) else { return nil }
        let first = number + 1
        return entries.suffix(Int(last - number)).enumerated().map { (first + UInt64($0.offset), $0.element.event) }
    }
}
