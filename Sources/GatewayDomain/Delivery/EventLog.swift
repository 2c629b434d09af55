/// The last events of one room, for members who were away for a moment. Bounded by count and by bytes; the oldest go first.
///
/// A value that numbers nothing itself: the caller appends each event with its number, which rises by one. Events lie one behind the other in
/// one piece of memory: of most rooms nobody ever asks for them, and to keep each by itself would be to let go, with every event, of one
/// that has long been out of the cache.
public struct EventLog: Sendable {
    /// How much one log keeps.
    public struct Bounds: Hashable, Sendable {
        /// The most events.
        public var events: Int
        /// The most bytes.
        public var bytes: Int

        /// At most `events` events of `bytes` bytes together.
        public init(events: Int, bytes: Int) {
            self.events = events
            self.bytes = bytes
        }
    }

    /// One event.
    public struct Event: Hashable, Sendable {
        /// Its number.
        public let number: UInt64
        /// Which of the room's values it is.
        public let key: String
        /// Milliseconds since 1970.
        public let timestamp: Int64
        /// What was appended.
        public let text: [UInt8]
    }

    /// What stands before each event's key and text.
    private struct Header {
        let keyLength: UInt32
        let textLength: UInt32
        let timestamp: Int64

        static let length = 16
        var recordLength: Int { Self.length + Int(keyLength) + Int(textLength) }
    }

    private var ring = ByteRing()
    /// The number of the last event; what came before the log began counts.
    public private(set) var last: UInt64
    /// How many events are kept.
    public private(set) var count = 0
    /// Bytes kept: the events' keys and texts, and 16 for each.
    public var byteCount: Int { ring.count }

    /// An empty log that begins after the event numbered `last`.
    public init(after last: UInt64) {
        self.last = last
    }

    /// Adds the next event, numbered `number`, and lets go of the oldest beyond `bounds`. A number that does not follow begins anew.
    public mutating func append(_ text: Span<UInt8>, key: String, timestamp: Int64, number: UInt64, bounds: Bounds) {
        if number != last &+ 1 { removeAll() }
        last = number
        let header = Header(keyLength: UInt32(key.utf8.count), textLength: UInt32(text.count), timestamp: timestamp)
        guard header.recordLength <= bounds.bytes, bounds.events > 0 else { return removeAll() }
        while count >= bounds.events || ring.count + header.recordLength > bounds.bytes { removeFirst() }
        ring.reserve(header.recordLength)
        // `unsafe`: the pointers are used within the closures only.
        withUnsafeBytes(of: header) { ring.append($0) }
        if header.keyLength > 0 {
            var key = key
            key.withUTF8 { ring.append(UnsafeRawBufferPointer($0)) }
        }
        text.bytes.withUnsafeBytes { ring.append($0) }
        count += 1
    }

    /// Lets go of all events; the numbers go on.
    public mutating func removeAll() {
        ring.removeAll()
        count = 0
    }

    /// The events after the one numbered `number`, oldest first; `nil` where some of them are gone, or that number has not been reached.
    public func events(after number: UInt64) -> [Event]? {
        guard number <= last, last - number <= UInt64(count) else { return nil }
        var offset = 0
        for _ in 0..<(count - Int(last - number)) { offset += header(at: offset).recordLength }
        var events: [Event] = []
        for number in (number + 1)..<(last + 1) {
            let header = header(at: offset)
            let text = offset + Header.length + Int(header.keyLength)
            events.append(
                Event(
                    number: number,
                    key: String(decoding: bytes(offset + Header.length..<text), as: UTF8.self),
                    timestamp: header.timestamp,
                    text: bytes(text..<text + Int(header.textLength))
                )
            )
            offset += header.recordLength
        }
        return events
    }

    private mutating func removeFirst() {
        ring.removeFirst(header(at: 0).recordLength)
        count -= 1
    }

    private func header(at offset: Int) -> Header {
        var header = Header(keyLength: 0, textLength: 0, timestamp: 0)
        // `unsafe`: the pointer is used within the closure only, for a value that any bytes are one of.
        withUnsafeMutableBytes(of: &header) { ring.copy(offset..<offset + Header.length, to: $0) }
        return header
    }

    private func bytes(_ range: Range<Int>) -> [UInt8] {
        // `unsafe`: the pointer is used within the closure only, which fills all of it.
        [UInt8](unsafeUninitializedCapacity: range.count) { output, count in
            ring.copy(range, to: UnsafeMutableRawBufferPointer(output))
            count = range.count
        }
    }
}
