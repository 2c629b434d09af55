import GatewayDomain
import JSONScan
import SocketIO
import SocketIOCore

/// Connection state recovery: what is kept of a client that is away, who gets it back, and what a client that comes back is sent.
struct SessionRecovery: Sendable {
    let router: EventRouter
    let rooms: RoomAccess
    let presence: any PresenceService
    let authenticator: HandshakeAuthenticator
    let counters: GatewayCounters

    /// What is kept of a client that has lost its connection. On the socket's loop.
    func save(_ socket: Socket) -> SavedClient? {
        guard let session = socket.data as? ClientSession else { return nil }
        return SavedClient(principal: session.principal, watched: session.watched, savedAt: router.now)
    }

    /// Decides whether the client that has just been let in gets a saved session: to a token of the same user only, neither token revoked.
    /// Rooms that the new token does not open are left out. Off the loops.
    func restore(_ saved: SavedSession, _ request: ConnectRequest) async -> RestoredState? {
        guard let session = request.data as? ClientSession, let client = saved.data as? SavedClient,
            client.principal.userID == session.principal.userID, !authenticator.hasBeenRevoked(client.principal)
        else { return nil }
        let returning = ReturningRooms(saved.rooms, policy: rooms.policy, principal: session.principal)
        if let savedAt = client.savedAt {
            // Where the router had to forget a room meanwhile, events of it were not kept.
            guard await router.hasKept(returning.kept, returning.keptFirehoses, since: savedAt) else { return nil }
        } else if returning.kept.contains(where: { !Self.knowsPlace(in: $0, saved) }) {
            // The node was of a version whose messages of groups went by no stream: whether this client had them nobody here knows.
            return nil
        }
        session.returning = ReturningClient(rooms: returning, watched: client.watched)
        return RestoredState(rooms: returning.keptNames, data: session)
    }

    /// Whether the session says where the client stood in the stream of the room's messages when it joined.
    private static func knowsPlace(in room: Room, _ saved: SavedSession) -> Bool {
        guard room.kind == .group, let source = BusStream.roomMessages.source else { return true }
        return saved.shared?.rooms[room.name].map { $0.count > source } ?? false
    }

    /// Tells the router of a client that has come back: it is in its rooms already. First of all that is done with it, on its loop.
    func entered(_ socket: Socket, _ session: ClientSession) {
        guard socket.recovered, let rooms = session.returning?.rooms else { return session.returning = nil }
        router.returned(rooms.kept, rooms.keptFirehoses, loopIndex: socket.loopIndex)
        session.internalRooms += Int32(rooms.keptFirehoses.count)
        // The client has been told that it is back in all of them.
        socket.prepareToJoin(rooms.anewNames) {}
    }

    /// Sends a client that has come back what is new for it: last values of its rooms, and who of those it watches is there. On its loop.
    func resume(_ socket: Socket, _ session: ClientSession) {
        guard let client = session.returning else { return }
        session.returning = nil
        for room in client.rooms.closed { socket.emit("room_left", json: "{\"room\":\(JSONString.literal(room.name))}") }
        for room in client.rooms.latest { rooms.rejoin(room, socket, session) }
        for (instrument, view) in client.rooms.views { rejoin(view, of: instrument, socket, session) }
        rooms.rejoin(client.rooms.latestFirehoses, socket, session)
        watch(client.watched, socket, session)
    }

    private func rejoin(_ view: BookView, of instrument: Instrument, _ socket: Socket, _ session: ClientSession) {
        rooms.rejoin(view, of: instrument, socket, session) { error in
            counters.count(error.code)
            socket.emit("error", json: "{\(error.members),\"event\":\"\(SubscribeOrderBook.name)\"}")
        }
    }

    private func watch(_ users: Set<UserID>, _ socket: Socket, _ session: ClientSession) {
        guard !users.isEmpty else { return }
        let users = Array(users)
        presence.watch(users, by: socket, session) { result in
            guard case .success(let presences) = result else { return }
            for (user, presence) in zip(users, presences) { socket.emit("presence_update", json: presence.json(of: user)) }
        }
    }
}
