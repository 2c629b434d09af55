import GatewayDomain
import NIOCore
import SocketIO

/// Who is there, and who wants to know: on this node (``PresenceDirectory``), or on all that share a Redis (``ClusterPresence``).
protocol PresenceService: Sendable {
    /// A device of `user` has connected here. From anywhere.
    func connected(_ user: UserID)

    /// A device of `user` has gone. From anywhere.
    func disconnected(_ user: UserID)

    /// The user chooses how to be seen. `done` is told whether that could be taken in.
    func set(_ status: PresenceStatus, for user: UserID, done: @escaping @Sendable (GatewayError?) -> Void)

    /// What others see of `users`. What changes after `done` has been called reaches the loops after what `done` has sent to them.
    ///
    /// - Parameter socketID: Of one socket's questions, each is answered after the ones before it.
    func look(at users: [UserID], for socketID: String, done: @escaping @Sendable (Result<[Presence], GatewayError>) -> Void)

    /// A socket watches `users` from now on. Each call has its ``unwatch(_:)``; neither waits.
    func watch(_ users: Set<UserID>)

    /// A socket watches `users` no longer, or is gone.
    func unwatch(_ users: Set<UserID>)

    /// Runs `body` behind the questions that the socket has asked before.
    func after(_ socketID: String, _ body: @escaping @Sendable () -> Void)

    /// How many users this node holds.
    func count() async -> Int

    /// For the end of the process, after the last socket and before the lanes' end: what is known is written down.
    func close() async
}

extension PresenceService {
    /// Has `socket` watch `users` too. `done` runs on the socket's loop with what these are now, before any announcement of a change. It is
    /// not called where the socket has ended. On the socket's loop.
    func watch(
        _ users: [UserID],
        by socket: Socket,
        _ session: ClientSession,
        done: @escaping @Sendable (Result<[Presence], GatewayError>) -> Void
    ) {
        let added = Set(users).subtracting(session.watched)
        session.watched.formUnion(added)
        watch(added)
        if !added.isEmpty { socket.sessionChanged() }
        socket.whenSessionIsWritten {
            look(at: users, for: socket.id) { result in
                socket.eventLoop.execute { answered(users, added, result, socket, session, done) }
            }
        }
    }

    private func answered(
        _ users: [UserID],
        _ added: Set<UserID>,
        _ result: Result<[Presence], GatewayError>,
        _ socket: Socket,
        _ session: ClientSession,
        _ done: (Result<[Presence], GatewayError>) -> Void
    ) {
        // With the socket's end it has stopped to watch.
        guard socket.connected else { return }
        switch result {
        case .success:
            for user in users where socket.join(PresenceRooms.watchers(of: user)) { session.internalRooms += 1 }
        case .failure:
            unwatch(added.intersection(session.watched))
            session.watched.subtract(added)
            socket.sessionChanged()
        }
        done(result)
    }
}

/// The room of those who watch a user. Its name is none that a client can ask for.
enum PresenceRooms {
    static func watchers(of user: UserID) -> String { "%\(user)" }
}

extension LocalSockets {
    /// Tells those on this node who watch `user`.
    func announce(_ presence: Presence, of user: UserID) {
        emit(OutgoingEvent("presence_update", json: presence.json(of: user)).notKept, to: PresenceRooms.watchers(of: user))
    }
}

extension Presence {
    /// `{userId, status, lastSeen}`.
    func json(of user: UserID) -> String {
        "{\"userId\":\"\(user)\",\"status\":\"\(appearance.rawValue)\",\"lastSeen\":\(lastSeen.map { "\($0)" } ?? "null")}"
    }
}
