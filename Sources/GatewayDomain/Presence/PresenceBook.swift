/// Who is there, as others see it: several devices of a user are one presence, and a user whose last device has gone is still there for a
/// while, because most come back.
///
/// A value without a clock; all times are milliseconds since 1970. Holds only users with devices, those whose last device has just gone,
/// and those whose absence has not been written down yet.
public struct PresenceBook: Sendable {
    private struct Entry {
        var devices = 0
        var status: PresenceStatus
        /// When the user was last visible, where that is over: kept over times of invisibility.
        var seen: Int64?
        /// When the last device went.
        var goneAt: Int64?
        var isOffline = false
    }

    /// A change that others are to be told of, and that is to be written down where the user has gone.
    public struct Change: Hashable, Sendable {
        /// Who.
        public let user: UserID
        /// What others see now.
        public let presence: Presence
    }

    /// What is to be written down of a user who has gone.
    public struct Absence: Hashable, Sendable {
        /// Who.
        public let user: UserID
        /// When the user was last visible.
        public let lastSeen: Int64?
        /// Whether the user chose to be invisible, which holds for the next time.
        public let isInvisible: Bool

        /// What is to be written down.
        public init(user: UserID, lastSeen: Int64?, isInvisible: Bool) {
            self.user = user
            self.lastSeen = lastSeen
            self.isInvisible = isInvisible
        }
    }

    private var entries: [UserID: Entry] = [:]
    /// Users whose last device has gone, in that order; some of them may have come back.
    private var leaving: ArraySlice<(user: UserID, at: Int64)> = []
    private let linger: Int64

    /// A user counts as gone `linger` milliseconds after the last device.
    public init(linger: Int64) {
        self.linger = linger
    }

    /// How many users are held.
    public var count: Int { entries.count }

    /// When ``expire(now:)`` has something to do at the earliest.
    public var nextDeadline: Int64? { leaving.first.map { $0.at + linger } }

    /// A device of `user` has connected. `earlier` is what was written down of the user, which counts where the book knows nothing.
    public mutating func connected(_ user: UserID, earlier: Absence?, now: Int64) -> Change? {
        let known = entries[user]
        var entry = known ?? Entry(status: earlier?.isInvisible == true ? .invisible : .online, seen: earlier?.lastSeen)
        let wasVisible = known.map { isVisible($0) } ?? false
        // A choice other than to be invisible ends with the last device.
        if entry.isOffline, entry.status != .invisible { entry.status = .online }
        entry.devices += 1
        entry.goneAt = nil
        entry.isOffline = false
        entries[user] = entry
        guard !wasVisible, isVisible(entry) else { return nil }
        return Change(user: user, presence: presence(entry, now: now))
    }

    /// A device of `user` has gone.
    public mutating func disconnected(_ user: UserID, now: Int64) {
        guard var entry = entries[user], entry.devices > 0 else { return }
        entry.devices -= 1
        if entry.devices == 0 {
            entry.goneAt = now
            leaving.append((user, now))
        }
        entries[user] = entry
    }

    /// The user chooses how to be seen. Nothing changes for who is not there.
    public mutating func set(_ status: PresenceStatus, for user: UserID, now: Int64) -> Change? {
        guard var entry = entries[user], !entry.isOffline, entry.status != status else { return nil }
        if entry.status != .invisible { entry.seen = now }
        entry.status = status
        entries[user] = entry
        return Change(user: user, presence: presence(entry, now: now))
    }

    /// What is to be written down of a user who is there, so that it holds should nobody see the user go; `nil` where the book does not know.
    public func absence(of user: UserID) -> Absence? {
        entries[user].map { Absence(user: user, lastSeen: $0.seen, isInvisible: $0.status == .invisible) }
    }

    /// Looks at the clock: who has not come back is gone. Returns whom others see no longer, and what is to be written down.
    public mutating func expire(now: Int64) -> (changes: [Change], absences: [Absence]) {
        var changes: [Change] = []
        var absences: [Absence] = []
        while let first = leaving.first, first.at + linger <= now {
            leaving.removeFirst()
            guard var entry = entries[first.user], !entry.isOffline, entry.goneAt == first.at else { continue }
            let wasVisible = isVisible(entry)
            if wasVisible { entry.seen = first.at }
            entry.isOffline = true
            entries[first.user] = entry
            absences.append(Absence(user: first.user, lastSeen: entry.seen, isInvisible: entry.status == .invisible))
            if wasVisible { changes.append(Change(user: first.user, presence: presence(entry, now: now))) }
        }
        if leaving.startIndex > 1024, leaving.startIndex > leaving.count { leaving = ArraySlice(Array(leaving)) }
        return (changes, absences)
    }

    /// The absence of the user has been written down: who is still gone need not be held any longer.
    public mutating func writtenDown(_ user: UserID) {
        if entries[user]?.isOffline == true { entries[user] = nil }
    }

    /// What others see of `user`; `nil` where the book does not know.
    public func presence(of user: UserID, now: Int64) -> Presence? {
        entries[user].map { presence($0, now: now) }
    }

    private func isVisible(_ entry: Entry) -> Bool { !entry.isOffline && entry.status != .invisible }

    private func presence(_ entry: Entry, now: Int64) -> Presence {
        guard !entry.isOffline else { return Presence(.offline, lastSeen: entry.seen) }
        return switch entry.status {
        case .online: Presence(.online, lastSeen: now)
        case .away: Presence(.away, lastSeen: now)
        case .busy: Presence(.busy, lastSeen: now)
        case .invisible: Presence(.offline, lastSeen: entry.seen)
        }
    }
}
