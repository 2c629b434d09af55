import GatewayDomain
import SocketIO

/// Joining anew, without a call and a confirmation: for clients that come back. Places were counted when they joined first, and the session
/// says already that the client is in them (``SessionRecovery/entered(_:_:)``).
extension RoomAccess {
    /// Brings the socket into a room and sends its last values, and whether its feed lives: a client may have been told before that it does not.
    func rejoin(_ room: Room, _ socket: Socket, _ session: ClientSession) {
        session.pendingJoins += 1
        router.join(room, socket, loopIndex: socket.loopIndex, isReturning: true) { result in
            socket.hasJoined([room.name])
            session.pendingJoins -= 1
            guard let result else { return }
            guard case .success(let admission) = result else {
                // It believes to be in the room, and is not.
                socket.emit("room_left", json: "{\"room\":\"\(room.name)\"}")
                return socket.emit("error", json: "{\(GatewayError.notHeard.members),\"event\":\"\(JoinRoom.name)\"}")
            }
            // A new token may have come while the join was on its way, and closed the room.
            do throws(GatewayError) { try check(room, session.principal) } catch {
                if socket.leave(room.name) { router.left([room], loopIndex: socket.loopIndex) }
                return
            }
            for event in admission.events { socket.emit(event) }
        }
    }

    /// Shows the socket an order book as it saw it before, and sends the book; `refused` is told where that cannot be.
    func rejoin(
        _ view: BookView,
        of instrument: Instrument,
        _ socket: Socket,
        _ session: ClientSession,
        refused: @escaping @Sendable (GatewayError) -> Void
    ) {
        session.pendingJoins += 1
        router.join(view, of: instrument, socket, loopIndex: socket.loopIndex, isReturning: true) { result in
            socket.hasJoined([view.roomName(.orderbook(instrument))])
            session.pendingJoins -= 1
            switch result {
            case .success(let admission): for event in admission.events { socket.emit(event) }
            case .failure(.tooManyViews): refused(.tooManyViews)
            case .failure(.notHeard): refused(.notHeard)
            case nil: break
            }
        }
    }

    /// Brings the socket into firehoses and sends the last values of its own rooms among them, and of all prices.
    func rejoin(_ firehoses: [Firehose], _ socket: Socket, _ session: ClientSession) {
        guard !firehoses.isEmpty else { return }
        router.join(firehoses, socket, loopIndex: socket.loopIndex, isReturning: true) { result in
            socket.hasJoined(firehoses.map(\.name))
            guard let result else { return }
            guard case .success(let admission) = result else {
                return socket.emit("error", json: "{\(GatewayError.notHeard.members),\"event\":\"\(Subscribe.name)\"}")
            }
            session.internalRooms += Int32(admission.joined)
            for event in admission.snapshots { socket.emit(event) }
        }
    }
}

extension GatewayError {
    /// As many different views of one book exist as may.
    static let tooManyViews = Self(
        .roomLimit,
        "this book is seen in too many ways already; take a common `depth` and `maxRate`, or none"
    )
}
