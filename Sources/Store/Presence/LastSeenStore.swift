import GatewayDomain

/// Remembers when users who are not there were last seen. Any number of nodes may share one.
public protocol LastSeenStore: Sendable {
    /// Writes down that a user has gone, in place of what was known.
    ///
    /// - Throws: ``StoreError``.
    func record(_ absence: PresenceBook.Absence) async throws

    /// What is known of these users.
    ///
    /// - Throws: ``StoreError``.
    func absences(of users: [UserID]) async throws -> [UserID: PresenceBook.Absence]
}

/// A ``LastSeenStore`` of one node that is gone with its process.
public actor InMemoryLastSeenStore: LastSeenStore {
    private var known: [UserID: (absence: PresenceBook.Absence, number: Int)] = [:]
    private var order = FIFO<(user: UserID, number: Int)>()
    private var number = 0
    private let capacity: Int

    /// An empty store that remembers the `capacity` users who have gone last.
    public init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    /// See ``LastSeenStore``.
    public func record(_ absence: PresenceBook.Absence) {
        number += 1
        known[absence.user] = (absence, number)
        order.append((absence.user, number))
        while known.count > capacity || order.count > 2 * capacity, let oldest = order.popFirst() {
            if known[oldest.user]?.number == oldest.number { known[oldest.user] = nil }
        }
    }

    /// See ``LastSeenStore``.
    public func absences(of users: [UserID]) -> [UserID: PresenceBook.Absence] {
        users.reduce(into: [:]) { $0[$1] = known[$1]?.absence }
    }
}
