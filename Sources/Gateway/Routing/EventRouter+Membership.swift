import GatewayDomain
import SocketIO

/// Who is in which room, and what a new member gets.
extension EventRouter {
    /// What a new member gets after its confirmation.
    struct Admission: Sendable {
        /// Whether it got all that it missed; `nil` where it did not ask for that.
        var resumed: Bool?
        /// Last values, or missed events; then what is to be known of the room's feed.
        var events: [OutgoingEvent] = []
    }

    /// Why a client was not let in.
    enum JoinRefusal: Error {
        /// The book is seen in as many ways as it may be.
        case tooManyViews
        /// The bus has not confirmed in time that this node hears of it.
        case notHeard
    }

    /// Tells a client on its own loop that it was not let in.
    func refuse<Granted>(
        _ refusal: JoinRefusal,
        _ socket: Socket,
        loopIndex: Int,
        _ joined: @escaping @Sendable (Result<Granted, JoinRefusal>?) -> Void
    ) {
        perform(on: loops[loopIndex]) { _ in joined(socket.connected ? .failure(refusal) : nil) }
    }

    /// Brings `socket` into `room` and calls `joined` on the socket's loop, with what the new member is to get after its confirmation.
    ///
    /// `joined` gets `nil` where the socket has ended meanwhile. May be called from the socket's loop.
    ///
    /// - Parameters:
    ///   - point: The last event that the client has seen of the room: it gets those after it, or last values where they are gone.
    ///   - isReturning: Whether the client was in the room before, in the same session.
    func join(
        _ room: Room,
        _ socket: Socket,
        loopIndex: Int,
        since point: ResumePoint? = nil,
        isReturning: Bool = false,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        onLoop { [self] in
            whenHearing([.room(room)]) { [self] isHeard in
                guard isHeard else { return refuse(.notHeard, socket, loopIndex: loopIndex, joined) }
                enter(room, socket, loopIndex: loopIndex, since: point, isReturning: isReturning, joined: joined)
            }
        }
    }

    private func enter(
        _ room: Room,
        _ socket: Socket,
        loopIndex: Int,
        since point: ResumePoint?,
        isReturning: Bool,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        let channel = channels[room] ?? makeChannel(room)
        // Those who are in the room already are told first, if it is found out only now.
        if room.watchesFeed { lookAtFeed(of: room) }
        addMember(to: channel, loopIndex: loopIndex)
        channel.startLog()
        let admission = admission(to: channel, since: point, isReturning: isReturning)
        if room.watchesFeed { watchFeed(of: room) }
        let name = channel.name
        perform(on: loops[loopIndex]) { [self] _ in
            // A repeated join is confirmed again, but counted once.
            leaveViews(of: room, socket, loopIndex: loopIndex)
            let isMember = socket.isIn(name)
            if isMember || !socket.join(name) { left([room], loopIndex: loopIndex) }
            joined(socket.connected ? .success(admission) : nil)
        }
    }

    private func admission(to channel: RoomChannel, since point: ResumePoint?, isReturning: Bool) -> Admission {
        guard channel.room.eventName != nil else { return Admission(resumed: point.map { _ in false }) }
        var admission = Admission()
        if let point {
            let missed = channel.missed(after: point)
            admission.resumed = missed != nil
            if missed != nil { statistics.resumed += 1 } else { statistics.notResumed += 1 }
            admission.events = missed ?? channel.snapshots
        } else {
            admission.events = channel.snapshots
        }
        if let notice = feedNotice(channel, isReturning: isReturning) { admission.events.append(notice) }
        return admission
    }

    /// Takes `socket` out of `room` and calls `done` on the socket's loop. Takes the same way as a join, so that a leave does not overtake
    /// the join before it.
    func leave(_ room: Room, _ socket: Socket, loopIndex: Int, done: @escaping @Sendable () -> Void) {
        onLoop { [self] in
            afterJoins(to: [.room(room)]) { [self] in
                let name = room.name
                perform(on: loops[loopIndex]) { [self] _ in
                    if socket.leave(name) { left([room], loopIndex: loopIndex) }
                    leaveViews(of: room, socket, loopIndex: loopIndex)
                    // Nothing of the room may follow the confirmation, unless the client gets it by a firehose too.
                    if !Firehose.reaching(room).contains(where: { socket.isIn($0.name) }) { socket.forget(group: name) }
                    done()
                }
            }
        }
    }

    /// A socket of the loop is gone from these rooms.
    func left(_ rooms: [Room], loopIndex: Int) {
        guard !rooms.isEmpty else { return }
        onLoop { [self] in
            for room in rooms {
                release([.room(room)])
                if let channel = channels[room] { removeMember(from: channel, loopIndex: loopIndex) }
            }
        }
    }
}
