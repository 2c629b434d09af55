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
    /// - Parameter point: The last event that the client has seen of the room: it gets those after it, or last values where they are gone.
    func join(
        _ room: Room,
        _ socket: Socket,
        loopIndex: Int,
        since point: ResumePoint? = nil,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        onLoop { [self] in
            whenHearing([.room(room)]) { [self] isHeard in
                guard isHeard else { return refuse(.notHeard, socket, loopIndex: loopIndex, joined) }
                enter(room, socket, loopIndex: loopIndex, since: point, joined: joined)
            }
        }
    }

    private func enter(
        _ room: Room,
        _ socket: Socket,
        loopIndex: Int,
        since point: ResumePoint?,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        let channel = channels[room] ?? makeChannel(room)
        // Those who are in the room already are told first, if it is found out only now.
        if room.watchesFeed { lookAtFeed(of: room) }
        addMember(to: channel, loopIndex: loopIndex)
        channel.startLog()
        let admission = admission(to: channel, since: point)
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

    private func admission(to channel: RoomChannel, since point: ResumePoint?) -> Admission {
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
        if let since = channel.feed.staleSince { admission.events.append(feedStale(channel.room, since: since)) }
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

    // MARK: Firehoses

    /// What a new member of firehoses gets.
    struct FirehoseAdmission: Sendable {
        /// How many of the firehoses it was not in before.
        var joined: Int
        /// The last values of the member's own rooms among them.
        var snapshots: [OutgoingEvent]
    }

    /// Brings `socket` into firehoses and calls `joined` on the socket's loop; with `nil` where it has ended.
    func join(
        _ firehoses: [Firehose],
        _ socket: Socket,
        loopIndex: Int,
        joined: @escaping @Sendable (Result<FirehoseAdmission, JoinRefusal>?) -> Void
    ) {
        onLoop { [self] in
            whenHearing(firehoses.map { Topic($0) }) { [self] isHeard in
                guard isHeard else { return refuse(.notHeard, socket, loopIndex: loopIndex, joined) }
                enter(firehoses, socket, loopIndex: loopIndex, joined: joined)
            }
        }
    }

    private func enter(
        _ firehoses: [Firehose],
        _ socket: Socket,
        loopIndex: Int,
        joined: @escaping @Sendable (Result<FirehoseAdmission, JoinRefusal>?) -> Void
    ) {
        var snapshots: [OutgoingEvent] = []
        for firehose in firehoses {
            self.firehoses.add(1, to: firehose, loopIndex: loopIndex, loopCount: loopCount, now: now)
            if case .own(let room) = firehose, let channel = channels[room] { snapshots += channel.snapshots }
        }
        let values = snapshots
        perform(on: loops[loopIndex]) { [self] _ in
            let repeated = firehoses.filter { !socket.join($0.name) }
            left(repeated, loopIndex: loopIndex)
            let admission = FirehoseAdmission(joined: firehoses.count - repeated.count, snapshots: values)
            joined(socket.connected ? .success(admission) : nil)
        }
    }

    /// Takes `socket` out of firehoses and calls `done` on the socket's loop with how many of them it was in.
    func leave(_ firehoses: [Firehose], _ socket: Socket, loopIndex: Int, done: @escaping @Sendable (_ left: Int) -> Void) {
        onLoop { [self] in
            afterJoins(to: firehoses.map { Topic($0) }) { [self] in
                perform(on: loops[loopIndex]) { [self] _ in
                    let members = firehoses.filter { socket.leave($0.name) }
                    left(members, loopIndex: loopIndex)
                    socket.forget { group in
                        guard let room = Room(name: group), !socket.isIn(group) else { return false }
                        return members.contains { Firehose.reaching(room).contains($0) }
                    }
                    done(members.count)
                }
            }
        }
    }

    /// A socket of the loop is gone from these firehoses.
    func left(_ firehoses: [Firehose], loopIndex: Int) {
        guard !firehoses.isEmpty else { return }
        onLoop { [self] in
            release(firehoses.map { Topic($0) })
            for firehose in firehoses {
                self.firehoses.add(-1, to: firehose, loopIndex: loopIndex, loopCount: loopCount, now: now)
            }
        }
    }
}
