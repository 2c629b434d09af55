import GatewayDomain

/// Events that wait until the last value that they follow on is here. On the router's loop.
extension EventRouter {
    /// Whether what comes of the room by another way than its own waits too: for the last value that members are to be shown after a cut before
    /// anything follows on it, or behind what waits already.
    func waits(_ room: Room) -> Bool {
        guard room.keepsLastValue else { return false }
        return remote?.ledger.state(of: .room(room)) == .cut || remote?.owed.contains(room) == true || remote?.held[room] != nil
    }

    /// Has an event wait. At the bound it takes the place of what it stands for, if it stands for anything; else it is dropped and counted.
    func hold(_ envelope: Envelope, for room: Room) {
        guard let count = remote?.heldCount else { return }
        // Behind a gap it is the first that is right again.
        let isWholeBook = room.kind == .orderbook && !envelope.isDelta
        let hasGap = remote?.overflowed.contains(room) == true || remote?.covered[room]?.hasOverflowed == true
        guard makePlace(for: envelope, in: room, isNeeded: isWholeBook && hasGap || count >= configuration.maxHeldEvents) else {
            remote?.statistics.overflows += 1
            remote?.overflowed.insert(room)
            return
        }
        remote?.heldCount += 1
        remote?.held[room, default: []].append(envelope)
        if isWholeBook {
            remote?.overflowed.remove(room)
            remote?.covered[room]?.hasOverflowed = false
        }
    }

    /// Takes out what the event stands for, where that is needed. The newest value of a room always has a place: nothing has been numbered
    /// yet, so nobody sees a gap.
    private func makePlace(for envelope: Envelope, in room: Room, isNeeded: Bool) -> Bool {
        guard isNeeded else { return true }
        guard room.keepsLastValue, !envelope.isDelta else { return false }
        // No copy of the list, from which a removal would have to part.
        guard let waiting = remote?.held[room]?.count, waiting > 0 else { return true }
        let key = envelope.valueKey
        let replaced: Range<Int>
        if room.kind == .orderbook {
            // Changes have a meaning only before it.
            replaced = 0..<waiting
        } else if let index = remote?.held[room]?.lastIndex(where: { $0.valueKey == key }) {
            replaced = index..<index + 1
        } else {
            // The first of another interval of a chart.
            return waiting < RoomChannel.maximumLastValues
        }
        remote?.held[room]?.removeSubrange(replaced)
        remote?.heldCount -= replaced.count
        if let covered = remote?.covered[room]?.count {
            remote?.covered[room]?.count = covered - replaced.clamped(to: 0..<covered).count
        }
        return true
    }

    /// The room's last value is known: what came meanwhile follows on it.
    func releaseHeld(of room: Room) {
        let held = remote?.held.removeValue(forKey: room) ?? []
        remote?.heldCount -= held.count
        for envelope in held { publish(envelope, from: .room(room)) }
        // Of an order book nothing may be missing between two changes.
        if remote?.overflowed.remove(room) != nil, room.kind == .orderbook { books[room]?.lose() }
    }

    /// The room's last value does not come: nobody here wants it any more.
    func dropHeld(of room: Room) {
        let held = remote?.held.removeValue(forKey: room) ?? []
        remote?.heldCount -= held.count
        remote?.overflowed.remove(room)
        remote?.covered[room] = nil
    }

    // MARK: What the last value has in it

    /// The last value of a room is fetched from now on: it is no older than what has come until now.
    func willFetch(_ topic: Topic) {
        guard case .room(let room) = topic, remote != nil else { return }
        let count = remote?.held[room]?.count ?? 0
        let hasOverflowed = remote?.overflowed.remove(room) != nil || remote?.covered[room]?.hasOverflowed == true
        remote?.covered[room] = .init(count: count, hasOverflowed: hasOverflowed)
    }

    /// Lets go of what had come before the last value was fetched, unless it is newer than that: then its publisher has not kept it. To tell it
    /// after what it was followed by would leave an old price, or a level of a book that is gone, for good.
    func dropCovered(by last: LastValues, in room: Room) {
        guard let covered = remote?.covered.removeValue(forKey: room) else { return }
        if last.values.isEmpty {
            if covered.hasOverflowed { remote?.overflowed.insert(room) }
            return
        }
        guard let held = remote?.held[room], !held.isEmpty else { return }
        var newest: [String: Int64] = [:]
        for value in last.values + last.changes {
            newest[value.valueKey] = max(newest[value.valueKey] ?? .min, value.timestamp ?? .max)
        }
        let kept = held.prefix(covered.count).filter { event in
            guard let told = newest[event.valueKey] else { return true }
            // Gateways keep values with their time: one without, where the kept one has one, is somebody's who keeps none.
            return event.timestamp.map { $0 > told } ?? (told < .max)
        }
        remote?.held[room] = kept + held.dropFirst(covered.count)
        remote?.heldCount -= min(covered.count, held.count) - kept.count
    }

    /// What waits and is in the last value already need not be told again.
    func dropHeld(upTo last: LastValues, in room: Room) {
        guard room.kind != .chart, last.changes.isEmpty, let value = last.values.last, let held = remote?.held[room],
            let index = held.lastIndex(where: { $0.isSame(as: value) })
        else { return }
        remote?.held[room]?.removeFirst(index + 1)
        remote?.heldCount -= index + 1
    }
}
