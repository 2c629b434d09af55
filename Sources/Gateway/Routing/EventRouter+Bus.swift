import EngineIOCore
import GatewayDomain
import NIOCore
import SocketIO
import SocketIOCore

/// What comes from a bus between nodes, and what becomes of rooms when something may have been missed. On the router's loop.
extension EventRouter {
    /// Takes in an event from the bus, which had so many bytes there.
    func receive(_ envelope: Envelope, from origin: EventOrigin, bytes: Int) {
        guard origin.admits(envelope) else { return countMalformed(from: origin, bytes: bytes) }
        count(origin, bytes: bytes)
        switch origin {
        case .room(let room):
            guard isFirst(envelope, of: room.kind, by: .room) else { return }
            // The last value is on its way here; what follows on it waits.
            if hasOwnFetch(room) || remote?.owed.contains(room) == true { return hold(envelope, for: room) }
        case .type:
            guard let room = Room.concerned(by: envelope).first, isFirst(envelope, of: room.kind, by: .type) else { return }
            if waits(room) { return hold(envelope, for: room) }
        case .simple:
            if let room = Room.concerned(by: envelope).first, waits(room) { return hold(envelope, for: room) }
        case .local, .stream, .alerts: break
        }
        publish(envelope, from: origin)
    }

    /// Takes in what a member of a group has sent, on whichever node; a repeat, as where the sender could not know that its first attempt had
    /// come through, is dropped.
    func receive(_ notice: GroupNotice, from origin: EventOrigin, bytes: Int) {
        count(origin, bytes: bytes)
        guard isNew(RoomMessage.name + "/" + notice.id) else { return }
        var event = OutgoingEvent(RoomMessage.name, json: notice.json)
        event.source = origin.source()
        emit(event, to: notice.room, except: notice.exceptSocket)
    }

    /// Something came that is no envelope, or not on the channel it belongs on.
    func countMalformed(from origin: EventOrigin, bytes: Int) {
        remote?.statistics.malformed += 1
        count(origin, bytes: bytes)
    }

    func count(_ origin: EventOrigin, bytes: Int) {
        if let kind = origin.kind { remote?.statistics.received[kind, default: 0] += 1 }
        remote?.statistics.receivedBytes += bytes
    }

    /// Whether the event has not come by the other of the two channels that carry it.
    private func isFirst(_ envelope: Envelope, of kind: Room.Kind, by way: ChannelMerge.Way) -> Bool {
        let type: EventType
        switch kind {
        case .price: type = .priceUpdate
        case .trade: type = .tradeNotification
        default: return way == .room
        }
        // Only who listens to the type hears anything twice.
        guard remote?.ledger.state(of: .events(type)) != nil else { return way == .room }
        let now = MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
        guard remote?.merge.isNew(envelope.contentHash, by: way, now: now) == true else {
            remote?.statistics.merged += 1
            return false
        }
        return true
    }

    /// Of a stream whose events clients get from any node everything has been routed up to this entry.
    func hasRead(_ place: SourcePlace) { loops.first?.read(place) }

    // MARK: Last values

    /// Takes in what the bus has kept of a room.
    func adopt(_ last: LastValues, in room: Room) {
        dropCovered(by: last, in: room)
        dropHeld(upTo: last, in: room)
        for envelope in last.values {
            guard envelope.type.rawValue == room.eventName, Room.concerned(by: envelope).contains(room) else {
                remote?.statistics.malformed += 1
                continue
            }
            let timestamp = envelope.timestamp ?? WallClock.milliseconds()
            if room.kind == .orderbook {
                adoptBook(envelope, last.changes, in: room, timestamp: timestamp)
            } else {
                _ = channels[room]?.adopt(ClientPayload(envelope, timestamp: timestamp), key: envelope.valueKey)
            }
        }
    }

    private func adoptBook(_ whole: Envelope, _ changes: [Envelope], in room: Room, timestamp: Int64) {
        guard !whole.isDelta else {
            remote?.statistics.malformed += 1
            return
        }
        var payload: ClientPayload?
        if changes.isEmpty {
            // A newer one was published meanwhile. Where changes are published and the book is unknown, what was kept is all that they can
            // follow on, however old: Redis may have lost what was newer, as in a fail-over.
            let isUnknown = books[room].map { $0.isFedByDeltas && $0.book == nil } ?? false
            guard isUnknown || channels[room]?.takes(timestamp, key: "") == true else { return }
            payload = bookPayload(whole, room: room, timestamp: timestamp)
        } else {
            makeBook(room, symbol: whole.symbol ?? "")
            books[room]?.replace(with: whole.data, timestamp: timestamp)
        }
        for change in changes {
            payload = bookPayload(change, room: room, timestamp: change.timestamp ?? timestamp)
        }
        // Members are shown the book that the next change is made in.
        if let payload { channels[room]?.put(payload, key: "") }
    }

    /// Shows the members of a room where its new epoch begins.
    func showSnapshots(of room: Room) {
        remote?.owed.remove(room)
        let firehose = firehoses.members(reaching: room)
        guard let channel = channels[room], channel.hasMembers || firehose != nil else { return }
        for event in channel.snapshots { emit(event, to: room, members: channel.members, firehose: firehose) }
        refreshViews(of: room)
    }

    // MARK: What may have been missed

    /// The bus was cut: events may have been lost. What is heard next does not follow on what was heard.
    func busWasCut() {
        remote?.statistics.cuts += 1
        _ = remote?.ledger.cut()
        for (room, channel) in channels where room.keepsLastValue || channel.isLossy {
            beginEpoch(of: room)
            oweSnapshot(of: room)
        }
    }

    /// Something was trimmed from a stream, or lost by Redis, before this node had read it.
    func busHasGap(in stream: BusStream) {
        remote?.statistics.gaps += 1
        remote?.gaps[stream] = now
        if case .events(let type) = stream {
            for room in channels.keys where room.eventName == type.rawValue { beginEpoch(of: room) }
        }
        if let source = stream.source { loops.first?.breakOff(source: source) }
    }

    /// Ends a room's epoch; its members stay.
    func beginEpoch(of room: Room) {
        guard let channel = channels[room] else { return }
        let epoch = makeEpoch()
        loggedBytes -= channel.loggedBytes
        channel.beginEpoch(epoch, now: now)
        books[room]?.beginEpoch(epoch)
        remote?.statistics.endedEpochs += 1
    }

    // MARK: Deafness

    /// The node hears nothing: those who get the events of rooms whose last value counts are told that they may be behind.
    func busIsDeaf(since: Duration) {
        remote?.deafSince = since
        remote?.statistics.isHeard = false
        remote?.statistics.deafTimes += 1
        for (room, channel) in channels where room.keepsLastValue && channel.feed.staleSince == nil && isHeardHere(channel) {
            announce(feedStale(room, since: since), in: room, members: channel.members)
        }
    }

    /// The node has caught up. It had been deaf for so long.
    func busIsHeard(deafFor: Duration?) {
        remote?.statistics.isHeard = true
        remote?.statistics.resynchronisations += 1
        guard let deafFor else { return }
        remote?.statistics.deafTime += deafFor
        remote?.deafSince = nil
        // Whether their sources were silent too nobody here can know: that counts from now on.
        for channel in channels.values { channel.feed.resumed(now: now) }
        for (room, channel) in channels where room.keepsLastValue && channel.feed.staleSince == nil && isHeardHere(channel) {
            announce(feedLive(room), in: room, members: channel.members)
        }
    }
}
