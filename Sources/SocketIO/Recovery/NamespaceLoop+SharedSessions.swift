import NIOCore
public import SocketIOCore

/// Which sessions of one loop are to be written to a store that servers share.
struct SessionWriting {
    /// Sockets whose sessions have changed, by their private ids.
    var changed: [String: Socket] = [:]
    /// Whether a batch is on its way, or the loop is about to send one.
    var isUnderWay = false
    /// Whether the loop writes all sessions anew from time to time.
    var isRefreshing = false

    /// The most sessions of one batch: a loop is not to be kept from its clients.
    static let batch = 256
    /// The wait after a failure.
    static let pause = TimeAmount.seconds(1)
    /// How many times in the window of recovery a session is written at least, so that it outlives the window from when its server dies.
    static let refreshes = 4
}

/// Sessions of connected clients in a store that servers share: written as they change, because a server may go without a word. A loop has
/// one batch on its way at a time, so that what changes meanwhile is written together; nothing waits for it.
extension NamespaceLoop {
    /// A socket is new, or has changed its rooms, or what the application keeps of it.
    func sessionChanged(_ socket: Socket) {
        guard writing != nil, let pid = socket.pid, sockets[socket.id] === socket else { return }
        writing?.changed[pid] = socket
        refreshFromTimeToTime()
        // At the end of this pass, with whatever else changes in it.
        writeSoon { loop in loop.eventLoop.execute { loop.writeChanged() } }
    }

    /// Writes the sessions of all sockets anew, as when a store may have lost them.
    public func rewriteSessions() {
        eventLoop.assertInEventLoop()
        guard writing != nil else { return }
        writing?.changed.merge(delivery.live) { $1 }
        writeSoon { loop in loop.eventLoop.execute { loop.writeChanged() } }
    }

    private func writeSoon(_ schedule: (NamespaceLoop) -> Void) {
        guard writing?.isUnderWay == false, writing?.changed.isEmpty == false else { return }
        writing?.isUnderWay = true
        schedule(self)
    }

    private func writeChanged() {
        guard let recovery, let changed = writing?.changed else { return }
        var sessions: [SavedSession] = []
        for (pid, socket) in changed {
            writing?.changed[pid] = nil
            if socket.isConnected, let session = socket.session { sessions.append(session) }
            if sessions.count == SessionWriting.batch { break }
        }
        guard !sessions.isEmpty else {
            writing?.isUnderWay = false
            return
        }
        let pids = sessions.map(\.pid)
        recovery.store.write(sessions, for: recovery.configuration.window) { result in
            self.eventLoop.execute { self.wrote(pids, result) }
        }
    }

    private func wrote(_ pids: [String], _ result: SessionWriteResult) {
        writing?.isUnderWay = false
        switch result {
        case .written(let superseded):
            recovery?.count {
                $0.written += pids.count - superseded.count
                $0.lostElsewhere += superseded.count
            }
            for pid in superseded { delivery.live[pid]?.closeTransport() }
            writeSoon { loop in loop.writeChanged() }
        case .failed:
            recovery?.count { $0.writeFailures += pids.count }
            for pid in pids where writing?.changed[pid] == nil { writing?.changed[pid] = delivery.live[pid] }
            writeSoon { loop in loop.eventLoop.scheduleTask(in: SessionWriting.pause) { loop.writeChanged() } }
        }
    }

    private func refreshFromTimeToTime() {
        guard let recovery, writing?.isRefreshing == false else { return }
        writing?.isRefreshing = true
        let (seconds, attoseconds) = (recovery.configuration.window / SessionWriting.refreshes).components
        let interval = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] task in
            guard let self else { return task.cancel() }
            rewriteSessions()
        }
    }

    // MARK: Sources

    /// This server has read a source (``RecoveryConfiguration/sources``) up to there, whatever came of its entries.
    public func read(_ place: SourcePlace) { recovery?.read(place) }

    /// Entries of a source could not be read: clients of other servers that may miss them get new sessions.
    public func breakOff(source: Int) { recovery?.breakOff(source: source) }
}
