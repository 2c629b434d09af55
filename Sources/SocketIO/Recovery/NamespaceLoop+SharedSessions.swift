import EngineIOCore
import NIOCore
public import SocketIOCore

/// Sessions of connected clients in a store that servers share: written as they change, because a server may go without a word. A loop has
/// one batch on its way at a time, so that what changes meanwhile is written together (``SessionWriting``).
extension NamespaceLoop {
    /// The wait after a failure.
    private static let pause = TimeAmount.seconds(1)
    /// How many times in the window of recovery a session is written at least, so that it outlives the window from when its server dies.
    private static let refreshes = 4

    /// A socket is new, or has changed its rooms, or what the application keeps of it.
    func sessionChanged(_ socket: Socket) {
        guard writing != nil, let pid = pidOfConnected(socket) else { return }
        writing?.change(pid, socket)
        refreshFromTimeToTime()
        // At the end of this pass, with whatever else changes in it.
        writeSoon { loop in loop.eventLoop.execute { loop.writeChanged() } }
    }

    /// Writes the sessions of all sockets anew, as when a store may have lost them.
    public func rewriteSessions() {
        eventLoop.assertInEventLoop()
        guard writing != nil else { return }
        for socket in delivery.live { if let pid = socket.pid { writing?.change(pid, socket) } }
        writeSoon { loop in loop.eventLoop.execute { loop.writeChanged() } }
    }

    /// Has the session say that `socket` is in these rooms too, which it is about to join.
    func announce(_ joining: [String], _ socket: Socket) {
        guard writing != nil, let pid = pidOfConnected(socket) else { return }
        writing?.announce(joining, of: pid, at: deliveredPosition)
        if !joining.allSatisfy({ rooms.contains(socket, $0) }) { sessionChanged(socket) }
    }

    /// Joins that were announced have been made or given up.
    func settle(_ joined: [String], _ socket: Socket) {
        guard writing != nil, let pid = pidOfConnected(socket) else { return }
        writing?.settle(joined, of: pid)
        if writing?.isFailing == true { recovery?.count { $0.unwrittenJoins += joined.count } }
        // Else the session says more than is true.
        if !joined.allSatisfy({ rooms.contains(socket, $0) }) { sessionChanged(socket) }
    }

    /// The rooms that the socket is about to join, and the places in the log from which on their events are for it.
    func announced(of socket: Socket) -> [String: UInt64] {
        guard let writing, let pid = socket.pid else { return [:] }
        return writing.announced(of: pid)
    }

    /// The socket is about to end: who was not told that it is in a room is not.
    func forgetAnnounced(of socket: Socket) {
        if writing != nil, let pid = pidOfConnected(socket) { writing?.forgetAnnounced(of: pid) }
    }

    /// Runs `body` when the socket's session is written as it is now, at once where it is or cannot be.
    func whenWritten(_ socket: Socket, _ body: @escaping () -> Void) {
        guard writing != nil, let pid = socket.pid, writing?.wait(pid, body) == true else { return body() }
    }

    private func pidOfConnected(_ socket: Socket) -> String? {
        sockets.first(socket.key.number) { $0 === socket }?.pid
    }

    private func writeSoon(_ schedule: (NamespaceLoop) -> Void) {
        if writing?.begin() == true { schedule(self) }
    }

    private func writeChanged() {
        guard let recovery, let batch = writing?.take() else { return }
        let sessions = batch.compactMap { $0.subject.isConnected ? $0.subject.session : nil }
        let pids = batch.map(\.pid)
        guard !sessions.isEmpty else { return finish(pids, failed: writing?.isFailing ?? false) { loop in loop.writeChanged() } }
        recovery.store.write(sessions, for: recovery.configuration.window) { result in
            self.eventLoop.execute { self.wrote(pids, sessions.count, result) }
        }
    }

    private func wrote(_ pids: [String], _ count: Int, _ result: SessionWriteResult) {
        switch result {
        case .written(let superseded):
            recovery?.count {
                $0.written += count - superseded.count
                $0.lostElsewhere += superseded.count
            }
            for pid in superseded { PrivateID(pid).flatMap(live)?.closeTransport() }
            finish(pids, failed: false) { loop in loop.writeChanged() }
        case .failed:
            recovery?.count { $0.writeFailures += count }
            for pid in pids where writing?.changed[pid] == nil {
                if let socket = PrivateID(pid).flatMap(live) { writing?.change(pid, socket) }
            }
            finish(pids, failed: true) { loop in loop.eventLoop.scheduleTask(in: Self.pause) { loop.writeChanged() } }
        }
    }

    private func finish(_ pids: [String], failed: Bool, next: (NamespaceLoop) -> Void) {
        let bodies = writing?.finish(pids, failed: failed) ?? []
        for body in bodies { body() }
        writeSoon(next)
    }

    private func refreshFromTimeToTime() {
        guard let recovery, writing?.isRefreshing == false else { return }
        writing?.isRefreshing = true
        let (seconds, attoseconds) = (recovery.configuration.window / Self.refreshes).components
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
