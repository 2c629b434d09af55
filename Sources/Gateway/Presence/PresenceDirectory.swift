import GatewayDomain
import Logging
import NIOCore
import SocketIO
import Store

/// Who is there, and who wants to know, on a node that works alone.
///
/// `@unchecked Sendable`: the book and its timer are confined to `eventLoop`; methods hop there. What has to be read from or written to the
/// store goes through the lane of its user or socket, so that nothing overtakes.
final class PresenceDirectory: PresenceService, @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let store: any LastSeenStore
    private let sockets: LocalSockets
    private let lanes: SerialLanes
    private let counters: GatewayCounters
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private var book: PresenceBook
    private var timer: Scheduled<Void>?
    /// Users who come at the same time are looked up together.
    private let arrivals = JointJob<(directory: PresenceDirectory, user: UserID)> { arrivals in
        await arrivals[0].directory.enter(arrivals.map(\.user))
    }

    init(
        eventLoop: any EventLoop,
        store: any LastSeenStore,
        sockets: LocalSockets,
        lanes: SerialLanes,
        counters: GatewayCounters,
        linger: Duration,
        now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.store = store
        self.sockets = sockets
        self.lanes = lanes
        self.counters = counters
        self.now = now
        self.logger = logger
        self.book = PresenceBook(linger: linger.inMilliseconds)
    }

    // MARK: Who is there

    /// A device of `user` has connected. From anywhere.
    func connected(_ user: UserID) {
        let isTaken = lanes.run(for: user, (self, user), in: arrivals)
        if !isTaken { eventLoop.execute { self.enter(user, nil) } }
    }

    private func enter(_ users: [UserID]) async {
        let earlier = await absences(of: Array(Set(users)))
        try? await eventLoop.submit { for user in users { self.enter(user, earlier?[user]) } }.get()
    }

    private func enter(_ user: UserID, _ earlier: PresenceBook.Absence?) {
        announce(book.connected(user, earlier: earlier, now: now()))
    }

    /// A device of `user` has gone. From anywhere.
    func disconnected(_ user: UserID) {
        let isTaken = lanes.run(for: user) { [self] in try? await eventLoop.submit { self.leave(user) }.get() }
        if !isTaken { eventLoop.execute { self.leave(user) } }
    }

    private func leave(_ user: UserID) {
        book.disconnected(user, now: now())
        schedule()
    }

    /// The user chooses how to be seen. `done` is told whether that could be taken in.
    func set(_ status: PresenceStatus, for user: UserID, done: @escaping @Sendable (GatewayError?) -> Void) {
        // Behind the news that the user is there.
        let isTaken = lanes.run(for: user) { [self] in
            let absence = try? await eventLoop.submit { [self] in
                let before = book.absence(of: user)
                announce(book.set(status, for: user, now: now()))
                let after = book.absence(of: user)
                return after?.isInvisible == before?.isInvisible ? nil : after
            }.get()
            // Who wants not to be seen is not to be seen after a crash either.
            if let absence { await record(absence) }
            done(nil)
        }
        if !isTaken { done(.busy) }
    }

    private func announce(_ change: PresenceBook.Change?) {
        guard let change else { return }
        sockets.announce(change.presence, of: change.user)
    }

    // MARK: Who wants to know

    /// What others see of `users`; `done` runs on the directory's loop, and what changes afterwards is announced after what `done` sends.
    ///
    /// - Parameter socketID: Of one socket's questions, each is answered after the ones before it.
    func look(at users: [UserID], for socketID: String, done: @escaping @Sendable (Result<[Presence], GatewayError>) -> Void) {
        let isTaken = lanes.run(for: socketID) { [self] in
            guard let absences = await absences(of: users) else {
                return done(.failure(GatewayError(.internalError, "the users could not be looked up; try again")))
            }
            try? await eventLoop.submit { [self] in
                done(.success(users.map { presence(of: $0, absences[$0]) }))
            }.get()
        }
        if !isTaken { done(.failure(.busy)) }
    }

    func watch(_ users: Set<UserID>) {}
    func unwatch(_ users: Set<UserID>) {}

    /// Runs `body` behind the questions that the socket has asked before.
    func after(_ socketID: String, _ body: @escaping @Sendable () -> Void) {
        let isTaken = lanes.run(for: socketID) { body() }
        if !isTaken { body() }
    }

    private func presence(of user: UserID, _ absence: PresenceBook.Absence?) -> Presence {
        book.presence(of: user, now: now()) ?? Presence(.offline, lastSeen: absence?.lastSeen)
    }

    private func absences(of users: [UserID]) async -> [UserID: PresenceBook.Absence]? {
        do { return try await store.absences(of: users) } catch {
            failed(error)
            return nil
        }
    }

    // MARK: Who has gone

    private func schedule() {
        guard timer == nil, let deadline = book.nextDeadline else { return }
        timer = eventLoop.scheduleTask(in: .milliseconds(max(1, deadline - now()))) { [weak self] in
            self?.timer = nil
            self?.expire()
        }
    }

    private func expire() {
        let (changes, absences) = book.expire(now: now())
        for change in changes { announce(change) }
        for absence in absences {
            let isTaken = lanes.run(for: absence.user) { [self] in await write(absence) }
            // Held no longer than it can be written down: the book stays as small as the crowd.
            if !isTaken { book.writtenDown(absence.user) }
        }
        schedule()
    }

    private func write(_ absence: PresenceBook.Absence) async {
        await record(absence)
        try? await eventLoop.submit { self.book.writtenDown(absence.user) }.get()
    }

    private func record(_ absence: PresenceBook.Absence) async {
        do { try await store.record(absence) } catch { failed(error) }
    }

    /// Writes down all who are or have been there: for the end of the process, after the sockets and before the lanes' end.
    func close() async {
        let absences = try? await eventLoop.submit { [self] in
            timer?.cancel()
            timer = nil
            return book.expire(now: .max).absences
        }.get()
        for absence in absences ?? [] { await write(absence) }
    }

    /// How many users are held. From anywhere.
    func count() async -> Int { (try? await eventLoop.submit { self.book.count }.get()) ?? 0 }

    private func failed(_ error: any Error) {
        counters.countMail(.failure, by: 1)
        logger.debug("the store of absences failed", metadata: ["error": "\(error)"])
    }
}
