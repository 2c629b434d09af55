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

    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let event: Event
        @usableFromInline let bytes: Int

        @inlinable
        init(event: Event, bytes: Int) {
            self.event = event
            self.bytes = bytes
        }
    }

    // Appending is part of every event: seen by who appends, it is compiled for the kind of event.
    @usableFromInline var entries: ArraySlice<Entry> = []
    @usableFromInline var lastNumber: UInt64
    @usableFromInline var keptBytes = 0

    /// The number of the last event; what came before the log began counts.
    public var last: UInt64 { lastNumber }
    /// Bytes kept.
    public var byteCount: Int { keptBytes }

    /// An empty log that begins after the event numbered `last`.
    public init(after last: UInt64) {
        lastNumber = last
    }

    /// How many events are kept.
    public var count: Int { entries.count }

    /// Adds the next event, numbered `number`, and lets go of the oldest beyond `bounds`. A number that does not follow begins anew.
    @inlinable
    public mutating func append(_ event: Event, number: UInt64, bytes: Int, bounds: Bounds) {
        if number != lastNumber &+ 1 { removeAll() }
        lastNumber = number
        entries.append(Entry(event: event, bytes: bytes))
        keptBytes += bytes
        while entries.count > bounds.events || (keptBytes > bounds.bytes && !entries.isEmpty) {
            keptBytes -= entries.removeFirst().bytes
        }
        // A slice keeps the room of what it let go of: it is moved to the front once that is as much as is left.
        if entries.startIndex > 16, entries.startIndex >= entries.count { entries = ArraySlice(Array(entries)) }
    }

    /// Lets go of all events; the numbers go on.
    @inlinable
    public mutating func removeAll() {
        entries = []
        keptBytes = 0
    }

    /// The events after the one numbered `number`, oldest first; `nil` where some of them are gone, or that number has not been reached.
    public func events(after number: UInt64) -> [(number: UInt64, event: Event)]? {
        guard number <= last, last - number <= UInt64(entries.count) else { return nil }
        let first = number + 1
        return entries.suffix(Int(last - number)).enumerated().map { (first + UInt64($0.offset), $0.element.event) }
    }
}
