import GatewayDomain
import JSONScan
import SocketIO

/// Joining and leaving rooms and firehoses, for all events that do either: policy, limit, membership, confirmation.
struct RoomAccess: Sendable {
    let router: EventRouter
    let policy: RoomPolicy
    let limits: GatewayLimits

    /// Brings the caller into `room` and confirms with `confirmation`; the room's last values follow, or what was missed after `point`.
    func join(
        _ room: Room,
        _ call: ClientCall,
        since point: ResumePoint? = nil,
        confirmation: String,
        members: String
    ) throws(GatewayError) {
        try check(room, call.session.principal)
        let socket = call.socket
        let session = call.session
        try takePlace(for: room, call)
        socket.prepareToJoin([room.name]) {
            router.join(room, socket, loopIndex: socket.loopIndex, since: point) { result in
                socket.hasJoined([room.name])
                session.pendingJoins -= 1
                guard let result else { return }
                guard case .success(let admission) = result else { return call.fail(.notHeard) }
                // A new token may have come while the join was on its way, and closed the room.
                do throws(GatewayError) { try check(room, session.principal) } catch {
                    if socket.leave(room.name) { router.left([room], loopIndex: socket.loopIndex) }
                    return call.fail(error)
                }
                let resumed = admission.resumed.map { ",\"resumed\":\($0)" } ?? ""
                call.confirm(confirmation, members: members + resumed, following: admission.events)
            }
        }
    }

    /// Shows the caller an order book in a way of its own and confirms; the book follows.
    func join(
        _ view: BookView,
        of instrument: Instrument,
        _ call: ClientCall,
        confirmation: String,
        members: String
    ) throws(GatewayError) {
        let room = Room.orderbook(instrument)
        try check(room, call.session.principal)
        let name = view.roomName(room)
        try takePlace(for: room, call)
        let (socket, session) = (call.socket, call.session)
        socket.prepareToJoin([name]) {
            router.join(view, of: instrument, socket, loopIndex: socket.loopIndex) { result in
                socket.hasJoined([name])
                session.pendingJoins -= 1
                switch result {
                case .success(let admission): call.confirm(confirmation, members: members, following: admission.events)
                case .failure(.tooManyViews):
                    call.counters.count(.rooms)
                    call.fail(.tooManyViews)
                case .failure(.notHeard): call.fail(.notHeard)
                case nil: break
                }
            }
        }
    }

    /// One more room for the connection, if it may have one more.
    private func takePlace(for room: Room, _ call: ClientCall) throws(GatewayError) {
        // The socket is in rooms of the gateway's own too, which do not count.
        let joined = call.socket.roomCount - Int(call.session.internalRooms)
        if limits.areOn, joined + Int(call.session.pendingJoins) >= limits.roomsPerConnection, !hasPlace(in: room, call.socket) {
            call.counters.count(.rooms)
            throw GatewayError(.roomLimit, "this connection is in \(limits.roomsPerConnection) rooms already; leave one first")
        }
        call.session.pendingJoins += 1
    }

    /// Whether the socket is in the room, or in a view of it in whose place another would come.
    private func hasPlace(in room: Room, _ socket: Socket) -> Bool {
        socket.isIn(room.name) || (room.kind == .orderbook && socket.rooms.contains { BookView.parse(roomName: $0)?.room == room })
    }

    /// Takes the caller out of `room`, also when it is not in it, and confirms.
    func leave(_ room: Room, _ call: ClientCall, confirmation: String, members: String) {
        // Behind the joins before it.
        call.socket.whenSessionIsWritten {
            router.leave(room, call.socket, loopIndex: call.socket.loopIndex) {
                call.confirm(confirmation, members: members)
            }
        }
    }

    /// Brings the caller into firehoses and confirms; the last values of its own rooms among them follow, then whatever `confirmed` sends.
    func join(
        _ firehoses: [Firehose],
        _ call: ClientCall,
        confirmation: String,
        members: String,
        confirmed: @escaping @Sendable () -> Void
    ) {
        let (socket, session, names) = (call.socket, call.session, firehoses.map(\.name))
        socket.prepareToJoin(names) {
            router.join(firehoses, socket, loopIndex: socket.loopIndex) { result in
                socket.hasJoined(names)
                guard let result else { return }
                guard case .success(let admission) = result else { return call.fail(.notHeard) }
                session.internalRooms += Int32(admission.joined)
                call.confirm(confirmation, members: members, following: admission.snapshots)
                confirmed()
            }
        }
    }

    /// Takes the caller out of firehoses, also when it is in none of them, and confirms.
    func leave(_ firehoses: [Firehose], _ call: ClientCall, confirmation: String, members: String) {
        let session = call.session
        call.socket.whenSessionIsWritten {
            router.leave(firehoses, call.socket, loopIndex: call.socket.loopIndex) { left in
                session.internalRooms -= Int32(left)
                call.confirm(confirmation, members: members)
            }
        }
    }

    /// Takes the socket out of the rooms that a new token no longer opens, and tells the client of each.
    func review(_ socket: Socket, _ principal: Principal) {
        for room in socket.rooms.compactMap({ Room(name: $0) }) where policy.decide(room, for: principal) != .allowed {
            socket.whenSessionIsWritten {
                router.leave(room, socket, loopIndex: socket.loopIndex) {
                    socket.emit("room_left", json: "{\"room\":\(JSONString.literal(room.name))}")
                }
            }
        }
    }

    func check(_ room: Room, _ principal: Principal) throws(GatewayError) {
        switch policy.decide(room, for: principal) {
        case .allowed: return
        case .denied(.authRequired):
            throw GatewayError(.authRequired, "\(room.name) needs a login; connect with an access token in auth.token")
        case .denied(let code):
            throw GatewayError(code, "you may not join \(room.name); it belongs to someone else")
        }
    }
}
