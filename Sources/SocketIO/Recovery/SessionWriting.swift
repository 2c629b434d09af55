/// Which sessions of one loop are to be written to a store that servers share, and what waits for that.
///
/// Who is told that it is in a room must be in it after any crash: the room is announced first, then the session is written as if the socket
/// were in it, then the socket joins. So nothing of the room has to be held back. Of one session what waits goes on in the order in which it
/// came, whatever it waits for. Time, the store and the sockets are the caller's.
struct SessionWriting<Subject> {
    /// A room that a socket is about to join.
    private struct Announcement {
        /// By how many joins that are under way.
        var joins: Int
        /// Where the log stood at the first of them.
        let position: UInt64
    }

    /// What of a session is to be done yet; kept only while there is something.
    private struct Pending {
        var announced: [String: Announcement] = [:]
        /// What waits for the batch on its way, and for the one after it.
        var behindBatch: [() -> Void] = []
        var behindNext: [() -> Void] = []
        /// Whether a batch on its way holds the session.
        var isInBatch = false

        var isEmpty: Bool { announced.isEmpty && behindBatch.isEmpty && behindNext.isEmpty && !isInBatch }
    }

    /// Those whose sessions have changed, by their private ids.
    private(set) var changed: [String: Subject] = [:]
    private var pending: [String: Pending] = [:]
    /// Whether a batch is on its way, or the loop is about to send one.
    private(set) var isUnderWay = false
    /// Whether the store failed when it was last asked. Nothing waits for a store that does not answer.
    private(set) var isFailing = false
    /// Whether the loop writes all sessions anew from time to time.
    var isRefreshing = false

    /// The most sessions of one batch: a loop is not to be kept from its clients.
    static var batch: Int { 256 }

    mutating func change(_ pid: String, _ subject: Subject) { changed[pid] = subject }

    /// Whether a batch is to be sent now. It counts as under way then.
    mutating func begin() -> Bool {
        guard !isUnderWay, !changed.isEmpty else { return false }
        isUnderWay = true
        return true
    }

    // MARK: Rooms that are about to be joined

    /// The session says that the socket is in these rooms, from `position` on, until ``settle(_:of:)``.
    mutating func announce(_ rooms: [String], of pid: String, at position: UInt64) {
        let first = Announcement(joins: 0, position: position)
        for room in rooms { pending[pid, default: Pending()].announced[room, default: first].joins += 1 }
    }

    /// Joins that were announced have been made or given up.
    mutating func settle(_ rooms: [String], of pid: String) {
        for room in rooms {
            guard let joins = pending[pid]?.announced[room]?.joins else { continue }
            if joins > 1 { pending[pid]?.announced[room]?.joins -= 1 } else { pending[pid]?.announced[room] = nil }
        }
        tidy(pid)
    }

    /// The rooms that a socket is about to join, and the places from which on their events are for it.
    func announced(of pid: String) -> [String: UInt64] { pending[pid]?.announced.mapValues(\.position) ?? [:] }

    /// The socket of the session has ended. What waits goes on as it would have.
    mutating func forgetAnnounced(of pid: String) {
        pending[pid]?.announced = [:]
        tidy(pid)
    }

    // MARK: What waits

    /// Keeps `body` until the session is written as it is now, or the store has failed. `false` where there is nothing to wait for: the
    /// caller goes on at once.
    mutating func wait(_ pid: String, _ body: @escaping () -> Void) -> Bool {
        let found = pending[pid]
        if found?.behindNext.isEmpty == false || (changed[pid] != nil && !isFailing) {
            pending[pid, default: Pending()].behindNext.append(body)
        } else if found?.behindBatch.isEmpty == false || (found?.isInBatch == true && !isFailing) {
            pending[pid]?.behindBatch.append(body)
        } else {
            return false
        }
        return true
    }

    /// The sessions of the next batch.
    mutating func take() -> [(pid: String, subject: Subject)] {
        let batch = changed.prefix(Self.batch).map { (pid: $0.key, subject: $0.value) }
        for (pid, _) in batch {
            changed[pid] = nil
            var waiting = pending[pid] ?? Pending()
            waiting.isInBatch = true
            waiting.behindBatch = waiting.behindNext
            waiting.behindNext = []
            pending[pid] = waiting
        }
        return batch
    }

    /// A batch has been written, or could not be. Returns what has waited for it, each session's in order.
    mutating func finish(_ pids: [String], failed: Bool) -> [() -> Void] {
        isUnderWay = false
        isFailing = failed
        var bodies: [() -> Void] = []
        for pid in pids {
            bodies += pending[pid]?.behindBatch ?? []
            pending[pid]?.behindBatch = []
            pending[pid]?.isInBatch = false
            tidy(pid)
        }
        guard failed else { return bodies }
        // Those for whom the next batch was to go wait no longer either.
        for pid in Array(pending.keys) {
            bodies += pending[pid]?.behindNext ?? []
            pending[pid]?.behindNext = []
            tidy(pid)
        }
        return bodies
    }

    private mutating func tidy(_ pid: String) {
        if pending[pid]?.isEmpty == true { pending[pid] = nil }
    }
}
