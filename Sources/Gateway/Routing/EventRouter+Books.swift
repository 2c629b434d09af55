import EngineIOCore
import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// Order books that are published as changes, or wanted in another way than as they were published. On the router's loop.
extension EventRouter {
    /// What becomes of an order book's event on its way to those who get whole books.
    ///
    /// A whole book passes as it was written, changes become the whole book, both to the configured depth; `nil` where there is no book to
    /// change.
    func bookPayload(_ envelope: Envelope, room: Room, timestamp: Int64) -> ClientPayload? {
        if envelope.isDelta {
            makeBook(room, symbol: envelope.symbol ?? "")
            guard books[room]?.change(by: envelope.data, timestamp: timestamp) == true, let book = books[room]?.book else {
                if books[room]?.isTooLarge == true { statistics.oversizedBooks += 1 } else { statistics.droppedDeltas += 1 }
                return nil
            }
            return ClientPayload(symbol: envelope.symbol ?? "", timestamp: timestamp) {
                BookText.write(
                    bids: book.topBids(configuration.bookDepth),
                    asks: book.topAsks(configuration.bookDepth),
                    into: &$0
                )
            }
        }
        let payload = ClientPayload(envelope, timestamp: timestamp, bookDepth: configuration.bookDepth)
        // The last value holds no longer all of it, and changes may follow.
        if payload.isCut { makeBook(room, symbol: envelope.symbol ?? "") }
        books[room]?.isDeeper = payload.isCut
        if books[room]?.replace(with: envelope.data, payload: payload, timestamp: timestamp) == false {
            if books[room]?.isTooLarge == true { statistics.oversizedBooks += 1 } else { statistics.malformedBooks += 1 }
        }
        guard payload.isCut, let known = books[room], let book = known.book, !known.isBestFirst else { return payload }
        // The first levels as they were written are not the best.
        let levels = (book.topBids(configuration.bookDepth), book.topAsks(configuration.bookDepth))
        return ClientPayload(envelope, timestamp: timestamp, levels: levels)
    }

    /// The book of `room` has changed: each view of it gets what is new in it.
    func refreshViews(of room: Room) {
        guard let views = books[room]?.views, !views.isEmpty else { return }
        for view in views.keys { refresh(view, of: room) }
    }

    private func refresh(_ view: BookView, of room: Room) {
        guard let seq = channels[room]?.seq else { return }
        let now = MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
        guard let result = books[room]?.refresh(view, seq: seq, now: now) else { return }
        if let wake = result.wake {
            eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(wake.nanoseconds))) { [weak self] in
                self?.books[room]?.woken(view)
                self?.refresh(view, of: room)
            }
        }
        guard let update = result.update, let members = books[room]?.views[view]?.members else { return }
        emit(update.outgoing, to: view.roomName(room), members: members)
    }

    // MARK: Membership

    /// Brings `socket` into `view` of the book, in place of any other way it sees that book, and calls `joined` on the socket's loop;
    /// with `nil` where the socket has ended. `isReturning` says whether it saw the book so before, in the same session.
    func join(
        _ view: BookView,
        of instrument: Instrument,
        _ socket: Socket,
        loopIndex: Int,
        isReturning: Bool = false,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        onLoop { [self] in
            let topics: [Topic] = [.room(.orderbook(instrument))]
            whenHearing(topics) { [self] isHeard in
                guard isHeard else { return refuse(.notHeard, socket, loopIndex: loopIndex, joined) }
                enter(view, of: instrument, socket, loopIndex: loopIndex, isReturning: isReturning, joined: joined)
            }
        }
    }

    private func enter(
        _ view: BookView,
        of instrument: Instrument,
        _ socket: Socket,
        loopIndex: Int,
        isReturning: Bool,
        joined: @escaping @Sendable (Result<Admission, JoinRefusal>?) -> Void
    ) {
        let room = Room.orderbook(instrument)
        let channel = channels[room] ?? makeChannel(room)
        makeBook(room, symbol: instrument.description)
        if books[room]?.views[view] == nil, (books[room]?.views.count ?? 0) >= configuration.bookViews {
            release([.room(room)])
            return refuse(.tooManyViews, socket, loopIndex: loopIndex, joined)
        }
        lookAtFeed(of: room)
        addMember(to: channel, loopIndex: loopIndex)
        let none = BookChannel.View(members: [Int32](repeating: 0, count: loopCount))
        books[room]?.views[view, default: none].members[loopIndex] += 1
        var admission = Admission()
        if let snapshot = books[room]?.snapshot(view, seq: channel.seq) {
            admission.events = [snapshot.outgoing]
        }
        if let notice = feedNotice(channel, isReturning: isReturning) { admission.events.append(notice) }
        watchFeed(of: room)
        let name = view.roomName(room)
        let granted = admission
        perform(on: loops[loopIndex]) { [self] _ in
            leaveViews(of: room, socket, loopIndex: loopIndex, but: name)
            if socket.leave(room.name) { left([room], loopIndex: loopIndex) }
            socket.forget(group: room.name)
            if !socket.join(name) { left(view, of: room, loopIndex: loopIndex) }
            joined(socket.connected ? .success(granted) : nil)
        }
    }

    /// Takes the socket out of every view of the book but one. On the socket's loop.
    func leaveViews(of room: Room, _ socket: Socket, loopIndex: Int, but kept: String? = nil) {
        guard room.kind == .orderbook else { return }
        for name in socket.rooms where name != kept {
            guard let found = BookView.parse(roomName: name), found.room == room, socket.leave(name) else { continue }
            left(found.view, of: room, loopIndex: loopIndex)
            socket.forget(group: name)
        }
    }

    /// A socket of the loop is gone from a view.
    func left(_ view: BookView, of room: Room, loopIndex: Int) {
        onLoop { [self] in
            books[room]?.views[view]?.members[loopIndex] -= 1
            if books[room]?.views[view]?.hasMembers == false { books[room]?.views[view] = nil }
            // Where whole books are published the last of them is enough to begin anew.
            if let book = books[room], book.views.isEmpty, !book.isFedByDeltas, !book.isDeeper { books[room] = nil }
            left([room], loopIndex: loopIndex)
        }
    }

    func makeBook(_ room: Room, symbol: String) {
        guard books[room] == nil else { return }
        let channel = channels[room] ?? makeChannel(room)
        var book = BookChannel(room: room, symbol: symbol, epoch: channel.epoch, maximumLevels: configuration.bookLevels)
        if let last = channel.lastValues.first?.payload, let object = last.object {
            book.replace(with: object, payload: last, timestamp: last.timestamp)
        }
        books[room] = book
    }
}
