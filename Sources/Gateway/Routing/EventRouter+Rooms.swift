import GatewayDomain
import NIOCore

/// How long rooms are remembered. On the router's loop.
extension EventRouter {
    @discardableResult
    func makeChannel(_ room: Room) -> RoomChannel {
        // Rooms with members are bounded by connections and their rooms, and are not given up.
        if emptyRooms >= configuration.maxEmptyRooms { evict() }
        let channel = RoomChannel(room, epoch: makeEpoch(), loopCount: loopCount, madeAt: now)
        channels[room] = channel
        if room.kind == .price { priceRooms.insert(room) }
        emptyRooms += 1
        return channel
    }

    /// One more member of the loop is in the room.
    func addMember(to channel: RoomChannel, loopIndex: Int) {
        if !channel.hasMembers { emptyRooms -= 1 }
        channel.members[loopIndex] += 1
    }

    /// One member of the loop has left the room.
    func removeMember(from channel: RoomChannel, loopIndex: Int) {
        let hadMembers = channel.hasMembers
        channel.members[loopIndex] -= 1
        guard hadMembers, !channel.hasMembers else { return }
        emptyRooms += 1
        retire(channel.room)
    }

    /// Nobody is in the room. Its last events wait for members who come back; a room without a last value waits with them.
    func retire(_ room: Room) {
        guard let channel = channels[room] else { return }
        channel.idleSince = now
        guard configuration.linger > .zero || firehoses.members(reaching: room) != nil else { return rest(room) }
        guard !channel.isRetiring else { return }
        channel.isRetiring = true
        retiring.append(room)
    }

    /// Nobody has come back to the room.
    private func rest(_ room: Room) {
        guard let channel = channels[room], !channel.hasMembers else { return }
        if channel.lastValues.isEmpty, firehoses.members(reaching: room) == nil {
            // Nothing to remember, nobody to tell: the next subscription is a new epoch.
            forget(room)
        } else {
            loggedBytes -= channel.loggedBytes
            channel.stopLog()
        }
    }

    func forget(_ room: Room) {
        guard let channel = channels.removeValue(forKey: room) else { return }
        if !channel.hasMembers { emptyRooms -= 1 }
        loggedBytes -= channel.loggedBytes
        watched.remove(room)
        priceRooms.remove(room)
        books[room] = nil
    }

    /// Forgets rooms that nobody is in, a tenth of the bound at a time: those first that nobody has left just now, who may come back.
    private func evict() {
        var wanted = configuration.maxEmptyRooms / 10 + 1
        for isRetiring in [false, true] where wanted > 0 {
            let victims = Array(
                channels.lazy.filter { !$0.value.hasMembers && $0.value.isRetiring == isRetiring }.prefix(wanted).map(\.key)
            )
            for room in victims { forget(room) }
            wanted -= victims.count
            statistics.evictedRooms += victims.count
        }
    }

    /// The log of a room has changed by so many bytes.
    func logGrew(_ bytes: Int, _ channel: RoomChannel) {
        loggedBytes += bytes
        guard loggedBytes > configuration.loggedBytes else { return }
        loggedBytes -= channel.loggedBytes
        channel.clearLog()
        statistics.clearedLogs += 1
    }

    /// From time to time: feeds that have fallen silent, rooms to which nobody has come back.
    func sweepRooms() {
        sweepTopics()
        for room in watched { lookAtFeed(of: room) }
        let now = now
        firehoses.forgetIdle(now: now)
        for _ in 0..<retiring.count {
            guard let room = retiring.popFirst(), let channel = channels[room], channel.isRetiring else { continue }
            if !channel.hasMembers, let since = channel.idleSince, now - since < configuration.linger {
                // Younger than those behind it only where it was retired twice; that may delay it, not keep it.
                retiring.append(room)
                continue
            }
            channel.isRetiring = false
            rest(room)
            // Held by a firehose alone: looked at again after another while.
            if let channel = channels[room], !channel.hasMembers, channel.lastValues.isEmpty { retire(room) }
        }
    }
}
