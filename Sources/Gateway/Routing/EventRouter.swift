import EngineIOCore
import GatewayDomain
import JSONScan
public import NIOCore
import SocketIO

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
    private var loops: [NamespaceLoop] = []
    private let configuration: Configuration
    private var channels: [Room: RoomChannel] = [:]
    private var duplicates: DuplicateFilter
    private(set) var statistics = RouterStatistics()
    private var generator = SystemRandomNumberGenerator()

    /// The router's bounds.
    public struct Configuration: Sendable {
        /// How long a repeated event id is recognised.
        public var duplicateWindow: Duration = .seconds(120)
        /// How many event ids are remembered.
        public var maxRememberedIDs = 200_000
        /// How many rooms are tracked, counting those without members whose last value is kept.
        public var maxRooms = 200_000

        /// The defaults.
        public init() {}
    }

    /// A router on `eventLoop`, without sockets yet.
    public init(eventLoop: any EventLoop, configuration: Configuration = Configuration()) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.duplicates = DuplicateFilter(window: configuration.duplicateWindow, capacity: configuration.maxRememberedIDs)
    }

    /// Gives the router the sockets that it serves. Once, before the first client.
    func attach(_ loops: [NamespaceLoop]) async throws {
        try await eventLoop.submit { [self] in self.loops = loops }.get()
    }

    // MARK: Publishing

    /// Routes one event. On the loop only.
    func publish(_ envelope: Envelope) {
        eventLoop.assertInEventLoop()
        statistics.published[envelope.type, default: 0] += 1
        let now = MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
        if let key = envelope.duplicateKey, !duplicates.isNew(key, now: now) {
            statistics.duplicates += 1
            return
        }
        let timestamp = envelope.timestamp ?? WallClock.milliseconds()
        let payload = ClientPayload(envelope, timestamp: timestamp)
        statistics.droppedMembers += payload.droppedMembers
        switch envelope.type {
        case .priceUpdate, .orderBookUpdate, .chartUpdate, .tradeNotification:
            if let room = Room(market: envelope) { deliver(envelope, payload, to: room) }
            if envelope.type == .tradeNotification, let userID = envelope.userID {
                let personal = ClientPayload(envelope, timestamp: timestamp, isPersonal: true)
                deliverUnnumbered(envelope.type, personal, to: .room(.user(userID)))
            }
        case .portfolioUpdate:
            if let userID = envelope.userID { deliver(envelope, payload, to: .portfolio(userID)) }
        case .orderUpdate:
            if let userID = envelope.userID { deliver(envelope, payload, to: .orders(userID)) }
        case .notification:
            if let userID = envelope.userID { deliverUnnumbered(envelope.type, payload, to: .devices(userID)) }
        case .systemAlert:
            deliverUnnumbered(envelope.type, payload, to: .everyone)
        }
    }

    private func deliver(_ envelope: Envelope, _ payload: ClientPayload, to room: Room) {
        if channels[room] == nil {
            guard room.keepsLastValue else { return }
            makeChannel(room)
        }
        // A chart's room is that of the base: it has a last candle for each pair and interval.
        let key = envelope.type == .chartUpdate ? "\(envelope.symbol ?? "")/\(envelope.data.string("interval") ?? "")" : ""
        guard let place = channels[room]?.advance(payload, key: room.keepsLastValue ? key : nil), place.hasMembers else { return }
        let event = event(envelope, payload, key: key, room: room, place: place)
        let name = room.name
        for loop in loops where place.members[loop.index] > 0 {
            route(on: loop) { $0.emit(event, to: name) }
        }
    }

    private func event(_ envelope: Envelope, _ payload: ClientPayload, key: String, room: Room, place: RoomChannel.Place) -> OutgoingEvent {
        guard room.keepsLastValue else {
            return OutgoingEvent(envelope.type.rawValue, capacity: payload.capacity) {
                payload.write(epoch: place.epoch, seq: place.seq, isSnapshot: false, into: &$0)
            }
        }
        return LatestValue(
            event: envelope.type.rawValue,
            room: room.name,
            item: key,
            payload: payload,
            epoch: place.epoch,
            seq: place.seq,
            isSnapshot: false
        ).outgoing
    }

    /// Where events without a number go.
    private enum Audience {
        case room(Room)
        /// All sockets of a user, whatever rooms they are in.
        case devices(UserID)
        case everyone
    }

    private func deliverUnnumbered(_ type: EventType, _ payload: ClientPayload, to audience: Audience) {
        let event = OutgoingEvent(type.rawValue, capacity: payload.capacity) { payload.write(into: &$0) }
        switch audience {
        case .room(let room):
            guard let channel = channels[room] else { return }
            let name = room.name
            for loop in loops where channel.members[loop.index] > 0 { route(on: loop) { $0.emit(event, to: name) } }
        case .devices(let userID):
            let name = ClientSession.deviceRoom(userID)
            for loop in loops { route(on: loop) { $0.emit(event, to: name) } }
        case .everyone:
            for loop in loops { route(on: loop) { $0.emitToAll(event) } }
        }
    }

    private func route(on loop: NamespaceLoop, _ action: @escaping @Sendable (NamespaceLoop) -> Void) {
        statistics.routed += 1
        perform(on: loop, action)
    }

    private func perform(on loop: NamespaceLoop, _ action: @escaping @Sendable (NamespaceLoop) -> Void) {
        if loop.eventLoop === eventLoop { action(loop) } else { loop.eventLoop.execute { action(loop) } }
    }

    // MARK: Membership

    /// Brings `socket` into `room` and calls `joined` on the socket's loop, with what the new member is to get after its confirmation.
    ///
    /// `joined` gets `nil` where the socket has ended meanwhile. May be called from the socket's loop.
    func join(_ room: Room, _ socket: Socket, loopIndex: Int, joined: @escaping @Sendable ([OutgoingEvent]?) -> Void) {
        onLoop { [self] in
            if channels[room] == nil { makeChannel(room) }
            channels[room]?.members[loopIndex] += 1
            let snapshots = room.eventName.flatMap { channels[room]?.snapshots(event: $0, room: room.name) } ?? []
            let name = room.name
            perform(on: loops[loopIndex]) { [self] _ in
                // A repeated join is confirmed again, but counted once.
                let isMember = socket.isIn(name)
                if isMember || !socket.join(name) { left([room], loopIndex: loopIndex) }
                joined(socket.connected ? snapshots : nil)
            }
        }
    }

    /// Takes `socket` out of `room` and calls `done` on the socket's loop. Takes the same way as ``join(_:_:loopIndex:joined:)``, so that
    /// a leave does not overtake the join before it.
    func leave(_ room: Room, _ socket: Socket, loopIndex: Int, done: @escaping @Sendable () -> Void) {
        onLoop { [self] in
            let name = room.name
            perform(on: loops[loopIndex]) { [self] _ in
                if socket.leave(name) { left([room], loopIndex: loopIndex) }
                socket.forget(group: name)
                done()
            }
        }
    }

    /// A socket of the loop is gone from these rooms.
    func left(_ rooms: [Room], loopIndex: Int) {
        guard !rooms.isEmpty else { return }
        onLoop { [self] in
            for room in rooms {
                channels[room]?.members[loopIndex] -= 1
                // Nothing to remember, nobody to tell: the next subscription is a new epoch.
                if let channel = channels[room], !channel.hasMembers, channel.lastValues.isEmpty { channels[room] = nil }
            }
        }
    }

    private func makeChannel(_ room: Room) {
        if channels.count >= configuration.maxRooms { evict() }
        channels[room] = RoomChannel(epoch: String(UInt64.random(in: .min ... .max, using: &generator), radix: 36), loopCount: loops.count)
    }

    /// Forgets last values of rooms that nobody is in, a tenth of the bound at a time.
    private func evict() {
        let victims = channels.lazy.filter { !$0.value.hasMembers }.prefix(configuration.maxRooms / 10 + 1).map(\.key)
        for room in Array(victims) { channels[room] = nil }
        statistics.evictedRooms += victims.count
    }

    private func onLoop(_ action: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { action() } else { eventLoop.execute(action) }
    }

    /// What the router has counted. From anywhere.
    func currentStatistics() async -> RouterStatistics {
        let result = try? await eventLoop.submit { [self] in
            var result = statistics
            result.rooms = channels.count
            result.roomsWithMembers = channels.values.count { $0.hasMembers }
            result.rememberedIDs = duplicates.count
            return result
        }.get()
        return result ?? RouterStatistics()
    }
}
