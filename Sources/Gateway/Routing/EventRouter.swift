import EngineIOCore
import GatewayDomain
import JSONScan
public import NIOCore
import SocketIO
import SocketIOCore

/// Brings published events to the rooms they concern.
///
/// Lives on one event loop, which gives every room one order: an event's number and a new member's snapshot are decided here, and reach
/// each other loop in that order, so that a member misses nothing between its snapshot and its first update and gets nothing twice.
/// Encoding happens here once; loops without members of a room hear nothing of it.
///
/// `@unchecked Sendable`: confined to ``eventLoop``; methods assert that or hop.
public final class EventRouter: @unchecked Sendable {
    /// The loop that the router lives on.
    public let eventLoop: any EventLoop
    /// How many loops there will be: rooms are made for all of them, also by what is published before ``attach(_:all:)``.
    let loopCount: Int
    private(set) var loops: [NamespaceLoop] = []
    /// The way of events that are kept for clients that are away; `nil` where nothing is.
    private var keeping: BroadcastOperator?
    let configuration: Configuration
    /// How much the log of one room keeps.
    private let logBounds: EventLog.Bounds
    var channels: [Room: RoomChannel] = [:]
    /// Those of prices: who comes back to all of them is shown each.
    var priceRooms: Set<Room> = []
    var firehoses: FirehoseTable
    /// Books that are changed by deltas, or seen in views of their own.
    var books: [Room: BookChannel] = [:]
    /// Rooms whose feed is looked at from time to time.
    var watched: Set<Room> = []
    /// Rooms without members, in the order in which they are looked at.
    var retiring: CircularBuffer<Room> = []
    /// How many of ``channels`` have no members.
    var emptyRooms = 0
    /// Bytes in the logs of all rooms.
    var loggedBytes = 0
    /// What this node hears of a bus between nodes; `nil` where there is none.
    var remote: RemoteFeed?
    var statistics = RouterStatistics()
    private var duplicates: DuplicateFilter
    private var generator = SystemRandomNumberGenerator()
    private var sweep: RepeatedTask?
    /// Takes notifications on their way to the devices of their user. Called on the router's loop.
    let notify: @Sendable (UserID, MailboxItem) -> Void

    /// A router on `eventLoop`, one of `loopCount`, without sockets yet.
    init(
        eventLoop: any EventLoop,
        loopCount: Int,
        configuration: Configuration = Configuration(),
        notify: @escaping @Sendable (UserID, MailboxItem) -> Void = { _, _ in }
    ) {
        self.notify = notify
        self.configuration = configuration
        self.logBounds = .init(events: configuration.loggedEventsPerRoom, bytes: configuration.loggedBytesPerRoom)
        self.eventLoop = eventLoop
        self.loopCount = loopCount
        self.firehoses = FirehoseTable(linger: configuration.keepsMissedEvents ? configuration.linger : .zero)
        self.duplicates = DuplicateFilter(window: configuration.duplicateWindow, capacity: configuration.maxRememberedIDs)
    }

    /// Gives the router the sockets that it serves, on each loop and all together. Once, before the first client.
    func attach(_ loops: [NamespaceLoop], all: BroadcastOperator) async throws {
        precondition(loops.count == loopCount, "a router for \(loopCount) loops")
        try await eventLoop.submit { [self] in
            self.loops = loops
            keeping = configuration.keepsMissedEvents ? all : nil
            let interval = TimeAmount.nanoseconds(configuration.sweepInterval.inNanoseconds)
            sweep = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in self?.sweepRooms() }
        }.get()
    }

    /// Stops looking at rooms. From anywhere.
    func detach() {
        onLoop { [self] in
            sweep?.cancel()
            sweep = nil
        }
    }

    /// The router's clock.
    var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    // MARK: Publishing

    /// Routes one event that came by `origin`. On the loop only.
    func publish(_ envelope: Envelope, from origin: EventOrigin = .local) {
        eventLoop.assertInEventLoop()
        statistics.published[envelope.type] += 1
        let now = MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
        let timestamp = envelope.timestamp ?? WallClock.milliseconds()
        // A trade that concerns a user is two events, and each may come by a way of its own.
        if envelope.type == .tradeNotification { return publishTrade(envelope, from: origin, timestamp: timestamp, now: now) }
        guard isNew(envelope, for: envelope.userID, now: now) else { return }
        if envelope.type == .orderBookUpdate { return publishBook(envelope, from: origin, timestamp: timestamp, now: now) }
        switch envelope.type {
        case .orderBookUpdate, .tradeNotification: break
        case .priceUpdate, .chartUpdate:
            if let room = Room(market: envelope) { deliver(envelope, to: room, timestamp: timestamp, from: origin, now: now) }
        case .portfolioUpdate:
            if let userID = envelope.userID { deliver(envelope, to: .portfolio(userID), timestamp: timestamp, from: origin, now: now) }
        case .orderUpdate:
            if let userID = envelope.userID { deliver(envelope, to: .orders(userID), timestamp: timestamp, from: origin, now: now) }
        case .notification:
            keep(notification: envelope, at: WallClock.milliseconds())
        case .systemAlert:
            let payload = payload(envelope, timestamp: timestamp)
            var event = OutgoingEvent(envelope.type.rawValue, capacity: payload.capacity) { payload.write(into: &$0) }
            event.source = origin.source()
            if let keeping {
                keep(event, keeping)
            } else {
                for loop in loops { route(on: loop) { [event] in $0.emitToAll(event) } }
            }
        }
    }

    /// Whether the copy of an event for `user`, or that for everybody, has not come before.
    private func isNew(_ envelope: Envelope, for user: UserID?, now: MonotonicInstant) -> Bool {
        envelope.duplicateKey(for: user).map { isNew($0, now: now) } ?? true
    }

    /// Whether what goes by this name has not come before.
    func isNew(_ key: String, now: MonotonicInstant = MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))) -> Bool {
        if duplicates.isNew(key, now: now) { return true }
        statistics.duplicates += 1
        return false
    }

    private func publishTrade(_ envelope: Envelope, from origin: EventOrigin, timestamp: Int64, now: MonotonicInstant) {
        if let room = Room(market: envelope), origin.reaches(room), isNew(envelope, for: nil, now: now) {
            deliver(envelope, to: room, timestamp: timestamp, from: origin, now: now)
        }
        if let userID = envelope.userID, origin.reaches(.user(userID)), isNew(envelope, for: userID, now: now) {
            let payload = ClientPayload(envelope, timestamp: timestamp, isPersonal: true)
            deliverPersonal(envelope.type, payload, to: .user(userID), source: origin.source(isPersonal: true))
        }
    }

    private func publishBook(_ envelope: Envelope, from origin: EventOrigin, timestamp: Int64, now: MonotonicInstant) {
        guard let room = Room(market: envelope), let payload = bookPayload(envelope, room: room, timestamp: timestamp) else { return }
        statistics.droppedMembers += payload.droppedMembers
        deliver(envelope, payload, to: room, timestamp: timestamp, from: origin, now: now)
        refreshViews(of: room)
    }

    /// The payload of an event as it is for everybody.
    private func payload(_ envelope: Envelope, timestamp: Int64) -> ClientPayload {
        let payload = ClientPayload(envelope, timestamp: timestamp)
        statistics.droppedMembers += payload.droppedMembers
        return payload
    }

    /// - Parameter made: The payload, where it is another than the envelope's own.
    private func deliver(
        _ envelope: Envelope,
        _ made: ClientPayload? = nil,
        to room: Room,
        timestamp: Int64,
        from origin: EventOrigin,
        now: MonotonicInstant
    ) {
        let firehose = firehoses.members(reaching: room)
        let source = keeping == nil ? nil : origin.source()
        let channel: RoomChannel
        if let known = channels[room] {
            channel = known
        } else {
            guard room.keepsLastValue || firehose != nil || source != nil else {
                if made == nil { _ = payload(envelope, timestamp: timestamp) }
                return
            }
            channel = makeChannel(room)
            if firehose?.hasReturned == true { channel.feed.doubt() }
            // Made for a firehose, or for who comes from another node, it is nobody's who could leave it.
            if !room.keepsLastValue { retire(room) }
        }
        let key = envelope.valueKey
        let clock = configuration.feedTimeout != nil && room.watchesFeed ? Duration.nanoseconds(now.nanoseconds) : nil
        let hasMembers = channel.hasMembers
        // Who is away may come back and ask for it.
        let isWanted = hasMembers || firehose != nil || (keeping != nil && !room.keepsLastValue)
        let payload: ClientPayload
        var encoded: OutgoingEvent?
        if let made {
            payload = made
        } else if isWanted {
            // What goes out and what is kept are then the same bytes.
            (encoded, payload) = channel.encodeNext(envelope, timestamp: timestamp, key: key)
            statistics.droppedMembers += payload.droppedMembers
        } else {
            payload = self.payload(envelope, timestamp: timestamp)
        }
        let place = channel.advance(payload, key: room.keepsLastValue ? key : nil, bounds: logBounds, now: clock)
        if place.isForgotten { statistics.forgottenValues += 1 }
        if origin.isLossy { channel.isLossy = true }
        if place.logGrowth != 0 { logGrew(place.logGrowth, channel) }
        if clock != nil, hasMembers || firehose != nil, place.feedRevived || !channel.isWatched {
            feedSpoke(channel, revived: place.feedRevived)
        }
        guard isWanted else { return }
        var event = encoded ?? channel.encode(payload, key: key, seq: place.seq)
        event.source = source
        emit(event, to: room, of: channel, members: channel.members, firehose: firehose)
    }

    /// The copy of an event that concerns one user, without a number.
    private func deliverPersonal(_ type: EventType, _ payload: ClientPayload, to room: Room, source: SourcePlace?) {
        let firehose = firehoses.members(reaching: room)
        guard channels[room] != nil || firehose != nil || (source != nil && keeping != nil) else { return }
        var event = OutgoingEvent(type.rawValue, capacity: payload.capacity) { payload.write(into: &$0) }
        event.source = source
        emit(event, to: room, members: channels[room]?.members, firehose: firehose)
    }

    /// Hands an event to the loops that have members of the room, or of the firehose it belongs to; who is in both gets it once. `channel` is the
    /// room's, where that is at hand.
    func emit(
        _ event: OutgoingEvent,
        to room: Room,
        of channel: RoomChannel? = nil,
        members: [Int32]?,
        firehose: FirehoseTable.Members? = nil
    ) {
        let name = channel?.name ?? room.name
        // Every node keeps it for all whom it concerns, wherever they are now.
        if event.source != nil, event.isRecoverable, let keeping {
            return keep(event, keeping.to([name] + Firehose.reaching(room).map(\.name)))
        }
        emit(event, to: name, of: channel, members: members, firehose: firehose)
    }

    /// As ``emit(_:to:of:members:firehose:)`` for a room, by the name that the sockets are in.
    func emit(
        _ event: OutgoingEvent,
        to name: String,
        of channel: RoomChannel? = nil,
        members: [Int32]?,
        firehose: FirehoseTable.Members? = nil
    ) {
        if event.isRecoverable, let keeping { return keep(event, firehose.map { keeping.to([name, $0.name]) } ?? keeping.to(name)) }
        for loop in loops {
            let hasMembers = members.map { $0[loop.index] > 0 } ?? false
            if let firehose, firehose.counts[loop.index] > 0 {
                route(on: loop) { $0.emit(event, to: name, or: firehose.name) }
            } else if hasMembers, loop.eventLoop === eventLoop {
                // As below, without a closure to allocate: of most prices there are few members, and this is a large part of their cost.
                statistics.routed += 1
                guard let channel else {
                    loop.emit(event, to: name)
                    continue
                }
                channel.ticket = loop.emit(event, to: name, ticket: channel.ticket)
            } else if hasMembers {
                route(on: loop) { $0.emit(event, to: name) }
            }
        }
    }

    /// Hands an event without a number to the members of a room but one.
    func emit(_ event: OutgoingEvent, to room: Room, except socketID: String) {
        if event.isRecoverable, let keeping { return keep(event, keeping.to(room.name).except(socketID)) }
        guard let members = channels[room]?.members else { return }
        let options = BroadcastOptions(rooms: [room.name], except: [socketID])
        for loop in loops where members[loop.index] > 0 { route(on: loop) { $0.emit(event, options: options) } }
    }

    /// Sends an event with its place in the order of all that are kept. Every loop hears of it: that is how it knows how far it is.
    private func keep(_ event: OutgoingEvent, _ audience: BroadcastOperator) {
        statistics.routed += loops.count
        audience.emit(event)
    }

    private func route(on loop: NamespaceLoop, _ action: @escaping @Sendable (NamespaceLoop) -> Void) {
        statistics.routed += 1
        perform(on: loop, action)
    }

    func perform(on loop: NamespaceLoop, _ action: @escaping @Sendable (NamespaceLoop) -> Void) {
        if loop.eventLoop === eventLoop { action(loop) } else { loop.eventLoop.execute { action(loop) } }
    }

    func onLoop(_ action: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { action() } else { eventLoop.execute(action) }
    }

    func makeEpoch() -> String {
        String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
    }

    /// What the router has counted. From anywhere.
    func currentStatistics() async -> RouterStatistics {
        let result = try? await eventLoop.submit { [self] in
            var result = statistics
            result.rooms = channels.count
            result.roomsWithMembers = channels.values.count { $0.hasMembers }
            result.rememberedIDs = duplicates.count
            result.loggedBytes = loggedBytes
            result.bus = remote?.statistics
            result.bus?.topics = remote?.ledger.count ?? 0
            result.bus?.waiting = remote?.ledger.waitingCount ?? 0
            result.bus?.held = remote?.heldCount ?? 0
            return result
        }.get()
        return result ?? RouterStatistics()
    }
}

extension Duration {
    /// In whole nanoseconds.
    var inNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
    /// In whole milliseconds.
    var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
