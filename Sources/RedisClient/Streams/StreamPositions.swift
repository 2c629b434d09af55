/// How far some streams have been read, and of which it has to be checked whether something is missing.
///
/// A stream is trimmed from its beginning: as long as the entry that was read last is there, nothing behind it has been trimmed. So it is
/// looked for where that is in doubt: after a failure or an interruption, because the server may be another or have lost its last writes, and
/// where an answer was as large as asked for, because then the reader is behind.
struct StreamPositions {
    /// The last entry that was read of each stream.
    private(set) var last: [String: String]
    /// How many entries of a stream are asked for at once.
    private(set) var count: Int
    private let maximumCount: Int
    private var doubtful: Set<String> = []

    init(_ last: [String: String], count: Int) {
        self.last = last
        self.count = count
        self.maximumCount = count
    }

    /// The streams in a fixed order, for a command.
    var streams: [String] { last.keys.sorted() }

    /// What is read from here on may come from a server that does not hold what has been read: everything is in doubt.
    mutating func interrupted() { doubtful = Set(last.keys) }

    /// A read has failed: everything is in doubt.
    ///
    /// - Parameter isUnreadable: What came could not be read. It may be too large: less is asked for next.
    mutating func failed(isUnreadable: Bool = false) {
        interrupted()
        if isUnreadable { count = max(1, count / 2) }
    }

    /// Entries came. Returns of which streams the entry read last has to be looked for, and what to say if it is gone.
    mutating func received(_ entries: [RedisStreamEntry]) -> [RedisStreamGap] {
        var checks: [RedisStreamGap] = []
        for (stream, entries) in Dictionary(grouping: entries, by: \.stream).sorted(by: { $0.key < $1.key }) {
            guard let first = entries.first, let newest = entries.last, let position = last[stream] else { continue }
            let isDoubtful = doubtful.remove(stream) != nil
            // Nothing had been read: nothing can be missing.
            if position != Self.beginning, isDoubtful || entries.count >= count {
                checks.append(RedisStreamGap(stream: stream, after: position, before: first.id))
            }
            last[stream] = newest.id
        }
        count = min(maximumCount, count * 2)
        return checks
    }

    static let beginning = "0-0"
}
