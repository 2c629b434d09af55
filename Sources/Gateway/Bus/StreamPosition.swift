/// How far a node has read a stream, and whether it has read everything up to there. A value.
struct StreamPosition: Hashable, Sendable {
    /// An entry's id: the millisecond it was added in, and its number within that.
    struct ID: Hashable, Comparable, Sendable, CustomStringConvertible {
        var milliseconds: UInt64
        var number: UInt64

        /// Before every entry.
        static let zero = ID(milliseconds: 0, number: 0)

        init(milliseconds: UInt64, number: UInt64) {
            self.milliseconds = milliseconds
            self.number = number
        }

        /// `1700000000000-0`; `nil` where the text is anything else.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let milliseconds = UInt64(parts[0]), let number = UInt64(parts[1]) else { return nil }
            self.init(milliseconds: milliseconds, number: number)
        }

        static func < (left: Self, right: Self) -> Bool {
            (left.milliseconds, left.number) < (right.milliseconds, right.number)
        }

        var description: String { "\(milliseconds)-\(number)" }
    }

    /// What Redis says of a stream (`XINFO STREAM`).
    struct Info: Hashable, Sendable {
        /// How many entries have ever been added.
        var added = 0
        /// How many there are now.
        var length = 0
        /// The first of them.
        var first: ID?
        /// The last that was ever added.
        var last = ID.zero
        /// Whether the entry that was read last is there.
        var holdsPosition = false
    }

    /// The last entry that was read.
    private(set) var id: ID
    /// How many entries had ever been added up to there.
    private var offset: Int
    /// Whether an entry with this id has been read here since Redis was last found to have lost something.
    private var isAnchored = false

    /// At the end of a stream: what is added from now on is to be read.
    init(atEndOf info: Info) {
        id = info.last
        offset = info.added
    }

    /// Entries have been read.
    mutating func read(_ ids: [ID]) {
        guard let last = ids.last else { return }
        id = last
        offset += ids.count
        isAnchored = true
    }

    /// Compares with what Redis says, where there may be something that was not read: after a time without reading, and where a server
    /// answers that may not be the one from before.
    ///
    /// - Returns: Whether something was taken away before it was read, or Redis has lost what was read, so that more may be lost than that.
    ///   Reading goes on with what is left and newer.
    mutating func check(_ info: Info) -> Bool {
        // A stream is trimmed from its beginning.
        let gone = info.added - info.length
        let isLost =
            if info.added < offset || info.last < id {
                true
            } else if let first = info.first, first <= id {
                // Redis has lost the end of the stream and got as much since, unless somebody has taken this one entry out.
                isAnchored && !info.holdsPosition
            } else {
                // With as many gone as were read, what is there follows on it. More: those were not read. Less: it is another stream.
                gone != offset
            }
        guard isLost else { return false }
        // Some of what is there may have been read already.
        id = min(id, info.last)
        offset = gone
        isAnchored = false
        return true
    }
}
