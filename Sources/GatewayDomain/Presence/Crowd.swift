/// The users with devices on one node of several, and those whose last device here has just gone: most come back.
///
/// A value without a clock; times are milliseconds since 1970.
public struct Crowd: Sendable {
    private struct Entry {
        var devices = 0
        var goneAt: Int64?
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
    /// Who is held.
    public var users: [UserID] { Array(entries.keys) }
    /// When ``expire(now:)`` has something to do at the earliest.
    public var nextDeadline: Int64? { leaving.first.map { $0.at + linger } }

    /// Whether the user has devices here, or has just gone.
    public func contains(_ user: UserID) -> Bool { entries[user] != nil }

    /// A device has connected. Returns whether the user was not held before.
    public mutating func connected(_ user: UserID) -> Bool {
        let isNew = entries[user] == nil
        entries[user, default: Entry()].devices += 1
        entries[user]?.goneAt = nil
        return isNew
    }

    /// A device has gone.
    public mutating func disconnected(_ user: UserID, now: Int64) {
        guard let devices = entries[user]?.devices, devices > 0 else { return }
        entries[user]?.devices = devices - 1
        guard devices == 1 else { return }
        entries[user]?.goneAt = now
        leaving.append((user, now))
    }

    /// Lets go of those who have not come back. Returns them, and when their last device went.
    public mutating func expire(now: Int64) -> [(user: UserID, goneAt: Int64)] {
        var gone: [(user: UserID, goneAt: Int64)] = []
        while let first = leaving.first, first.at + linger <= now {
            leaving.removeFirst()
            guard entries[first.user]?.goneAt == first.at else { continue }
            entries[first.user] = nil
            gone.append((first.user, first.at))
        }
        if leaving.startIndex > 1024, leaving.startIndex > leaving.count { leaving = ArraySlice(Array(leaving)) }
        return gone
    }
}
