import GatewayDomain
import SocketIO

/// Who is in which firehose, and what a new member gets.
extension EventRouter {
    /// What a new member of firehoses gets.
    struct FirehoseAdmission: Sendable {
        /// How many of the firehoses it was not in before.
        var joined: Int
        /// The last values of the member's own rooms among them, and of who comes back those of all prices; then what is to be known of the feeds.
        var snapshots: [OutgoingEvent]
    }

    /// Brings `socket` into firehoses and calls `joined` on the socket's loop; with `nil` where it has ended.
    ///
    /// - Parameter isReturning: Whether the client was in them before, in the same session: then it is shown what may have changed meanwhile.
    func join(
        _ firehoses: [Firehose],
        _ socket: Socket,
        loopIndex: Int,
        isReturning: Bool = false,
        joined: @escaping @Sendable (Result<FirehoseAdmission, JoinRefusal>?) -> Void
    ) {
        onLoop { [self] in
            whenHearing(firehoses.map { Topic($0) }) { [self] isHeard in
                guard isHeard else { return refuse(.notHeard, socket, loopIndex: loopIndex, joined) }
                enter(firehoses, socket, loopIndex: loopIndex, isReturning: isReturning, joined: joined)
            }
        }
    }

    private func enter(
        _ firehoses: [Firehose],
        _ socket: Socket,
        loopIndex: Int,
        isReturning: Bool,
        joined: @escaping @Sendable (Result<FirehoseAdmission, JoinRefusal>?) -> Void
    ) {
        var snapshots: [OutgoingEvent] = []
        var prices: [(room: String, events: [OutgoingEvent])] = []
        for firehose in firehoses {
            self.firehoses.add(1, to: firehose, loopIndex: loopIndex, loopCount: loopCount, now: now)
            switch firehose {
            case .own(let room):
                guard let channel = channels[room] else { continue }
                snapshots += isReturning ? shown(of: channel) : channel.snapshots
            case .prices where isReturning:
                if remote != nil { self.firehoses[firehose]?.hasReturned = true }
                prices = priceRooms.compactMap { channels[$0] }.map { ($0.name, shown(of: $0)) }
            case .prices, .trades: break
            }
        }
        let (own, others) = (snapshots, prices)
        perform(on: loops[loopIndex]) { [self] _ in
            let repeated = firehoses.filter { !socket.join($0.name) }
            left(repeated, loopIndex: loopIndex)
            // Rooms that the client is in too have shown it theirs.
            let values = own + others.filter { !socket.isIn($0.room) }.flatMap(\.events)
            let admission = FirehoseAdmission(joined: firehoses.count - repeated.count, snapshots: values)
            joined(socket.connected ? .success(admission) : nil)
        }
    }

    /// What who comes back to a firehose is shown of one of its rooms.
    private func shown(of channel: RoomChannel) -> [OutgoingEvent] {
        if channel.room.watchesFeed {
            // Those who are there already are told first, if it is found out only now.
            lookAtFeed(of: channel.room)
            watchFeed(of: channel.room)
        }
        return channel.snapshots + [feedNotice(channel, isReturning: true)].compactMap { $0 }
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
