import EngineIOCore
import GatewayDomain
import JSONScan

/// One order book as the router keeps it, once somebody publishes changes of it or wants to see it in a way of their own.
struct BookChannel {
    /// The clients of one view, and what they have.
    struct View {
        /// Members by event loop.
        var members: [Int32]
        /// The book as they have it.
        var shown = OrderBook()
        /// When that was published, in milliseconds since 1970.
        var shownTimestamp: Int64 = 0
        /// The number up to which they have it; `nil` before the first book.
        var shownSeq: UInt64?
        /// The number of the book that they got as it was published.
        var publishedSeq: UInt64?
        /// When the next update may go out.
        var due: MonotonicInstant?
        /// Whether somebody will wake the view at ``due``.
        var isScheduled = false

        var hasMembers: Bool { members.contains { $0 > 0 } }
    }

    let room: Room
    let symbol: String
    private(set) var epoch: String
    /// The most levels of both sides together; a book that grows beyond is not kept.
    let maximumLevels: Int
    /// The book as published; `nil` where it is not known, until the next whole book.
    private(set) var book: OrderBook?
    /// The last whole book where it is not known: malformed, or too large.
    private(set) var published: ClientPayload?
    /// When the last book or change was published, in milliseconds since 1970.
    private(set) var timestamp: Int64 = 0
    /// Whether the last whole book was written best first.
    private(set) var isBestFirst = true
    /// Whether the last book or change was not taken in because the book would have too many levels.
    private(set) var isTooLarge = false
    /// Whether changes of it were published: it is then the only whole book that there is.
    private(set) var isFedByDeltas = false
    /// Whether the last whole book had more levels than clients without a wish get: this is then the only place where they are.
    var isDeeper = false
    var views: [BookView: View] = [:]

    init(room: Room, symbol: String, epoch: String, maximumLevels: Int) {
        self.room = room
        self.symbol = symbol
        self.epoch = epoch
        self.maximumLevels = maximumLevels
    }

    // MARK: Publishing

    /// Takes in a whole book, which everyone gets as `payload`. Where it is malformed the book is unknown, and `false` returned: then those who
    /// wanted it in another way get that too.
    @discardableResult
    mutating func replace(with data: JSONObject, payload: ClientPayload? = nil, timestamp: Int64) -> Bool {
        book = nil
        published = payload
        isTooLarge = false
        self.timestamp = timestamp
        guard let bids = BookText.levels("bids", in: data), let asks = BookText.levels("asks", in: data) else { return false }
        isTooLarge = bids.count + asks.count > maximumLevels
        guard !isTooLarge else { return false }
        var fresh = OrderBook()
        do { try fresh.apply(snapshotBids: bids, asks: asks) } catch { return false }
        isBestFirst = fresh.topBids(.max) == bids && fresh.topAsks(.max) == asks
        book = fresh
        published = nil
        return true
    }

    /// Takes in changes. `false` where there is no book to change, or they are malformed; the book is then unknown.
    mutating func change(by data: JSONObject, timestamp: Int64) -> Bool {
        isFedByDeltas = true
        isTooLarge = false
        published = nil
        self.timestamp = timestamp
        guard var changed = book.take(), let bids = BookText.levels("bids", in: data), let asks = BookText.levels("asks", in: data)
        else { return false }
        // At most each level that there is goes, and each that there may be comes.
        isTooLarge = bids.count + asks.count > 2 * maximumLevels
        guard !isTooLarge else { return false }
        do { try changed.apply(deltaBids: bids, asks: asks) } catch { return false }
        isTooLarge = changed.levelCount > maximumLevels
        guard !isTooLarge else { return false }
        book = changed
        return true
    }

    /// Something between two changes was lost: the book is unknown until the next whole one.
    mutating func lose() {
        book = nil
        published = nil
    }

    /// Ends the epoch: each view begins anew with a whole book. Where changes are published the book is unknown until one is found.
    mutating func beginEpoch(_ name: String) {
        epoch = name
        if isFedByDeltas { (book, published) = (nil, nil) }
        for view in views.keys {
            views[view]?.shownSeq = nil
            views[view]?.publishedSeq = nil
        }
    }

    // MARK: Views

    /// What the clients of `view` get now: nothing where nothing changed within their depth, or where it is too soon.
    ///
    /// - Returns: The update, or when to ask again.
    mutating func refresh(_ view: BookView, seq: UInt64, now: MonotonicInstant) -> (
        update: BookUpdate?, wake: MonotonicInstant?
    ) {
        guard var state = views[view], state.hasMembers, book != nil || published != nil else { return (nil, nil) }
        if let due = state.due, now < due {
            guard !state.isScheduled else { return (nil, nil) }
            state.isScheduled = true
            views[view] = state
            return (nil, due)
        }
        guard let book else { return (passOn(view, &state, seq: seq, now: now), nil) }
        var current = view.depth.map { book.top($0) } ?? book
        let delta = state.shown.delta(to: current)
        if state.shownSeq != nil, delta.isEmpty { return (nil, nil) }
        if state.shownSeq != nil, view.isDelta {
            // What its clients have: a level whose value is the same, written in another way, is not told again. Levels were checked when
            // they came in.
            try? state.shown.apply(delta)
            current = state.shown
        }
        let content: BookUpdate.Content =
            if state.shownSeq == nil {
                .book(current, isSnapshot: true)
            } else if view.isDelta {
                .delta(delta, checksum: view.hasChecksum ? current.checksum : nil)
            } else {
                .book(current, isSnapshot: false)
            }
        let update = BookUpdate(
            frame: frame(view),
            content: content,
            timestamp: timestamp,
            seqFirst: state.shownSeq.map { $0 + 1 } ?? seq,
            seq: seq
        )
        state.shown = current
        state.shownTimestamp = timestamp
        state.shownSeq = seq
        state.due = view.maxRate.map { now + .milliseconds(1000 / Int64($0)) }
        views[view] = state
        return (update, nil)
    }

    /// The book as it was published, once.
    private mutating func passOn(_ view: BookView, _ state: inout View, seq: UInt64, now: MonotonicInstant) -> BookUpdate? {
        guard let published, state.publishedSeq != seq else { return nil }
        state.publishedSeq = seq
        state.shownSeq = nil
        state.due = view.maxRate.map { now + .milliseconds(1000 / Int64($0)) }
        views[view] = state
        return BookUpdate(frame: frame(view), content: .published(published), timestamp: published.timestamp, seqFirst: seq, seq: seq)
    }

    /// The time that ``refresh(_:seq:now:)`` asked to be called again at has come.
    mutating func woken(_ view: BookView) {
        views[view]?.isScheduled = false
    }

    /// What a new client of `view` gets: the book as the others have it, which the next update continues.
    mutating func snapshot(_ view: BookView, seq: UInt64) -> BookUpdate? {
        guard var state = views[view] else { return nil }
        guard let book else {
            return published.map {
                BookUpdate(frame: frame(view), content: .published($0), timestamp: $0.timestamp, seqFirst: seq, seq: seq)
            }
        }
        if state.shownSeq == nil, state.isScheduled {
            // The others still wait for theirs: it comes to all of them, this one included, at its time.
            return BookUpdate(
                frame: frame(view),
                content: .book(view.depth.map { book.top($0) } ?? book, isSnapshot: true),
                timestamp: timestamp,
                seqFirst: seq,
                seq: seq
            )
        }
        if state.shownSeq == nil {
            state.shown = view.depth.map { book.top($0) } ?? book
            state.shownTimestamp = timestamp
            state.shownSeq = seq
            views[view] = state
        }
        guard let shownSeq = state.shownSeq else { return nil }
        return BookUpdate(
            frame: frame(view),
            content: .book(state.shown, isSnapshot: true),
            timestamp: state.shownTimestamp,
            seqFirst: shownSeq,
            seq: shownSeq
        )
    }

    private func frame(_ view: BookView) -> BookUpdate.Frame {
        BookUpdate.Frame(
            room: view.roomName(room),
            symbol: symbol,
            epoch: epoch,
            hasChecksum: view.hasChecksum
        )
    }
}
