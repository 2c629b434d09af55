import EngineIO
import EngineIOCore
public import NIOCore
import SocketIOCore

/// The part of one namespace that lives on one event loop: its sockets and its room index.
///
/// `@unchecked Sendable`: confined to ``eventLoop``; every method asserts that.
public final class NamespaceLoop: @unchecked Sendable {
    /// The loop.
    public let eventLoop: any EventLoop
    /// Which of the server's loops it is.
    public let index: Int
    /// The namespace's name.
    public let name: String
    let definition: NamespaceDefinition
    /// What the loops of the namespace share where connection state is recovered.
    let recovery: NamespaceRecovery?
    let parser: SocketIOParser
    var rooms = RoomIndex<Socket>()
    private(set) var sockets = RandomlyNumbered<Socket> { $0.key.number }
    /// The sessions of the loop; `nil` before the first socket.
    private var outlets: EngineOutlets?
    private var broadcastNumber: UInt32 = 0
    var delivery = RecoveryDelivery()
    /// What is to be written of connected sockets; `nil` where other servers do not share their sessions.
    var writing: SessionWriting<Socket>?
    /// Is told when a room gets its first member on this loop, and when it has lost its last; of a socket's own room too.
    var roomObserver: ((_ room: String, _ hasMembers: Bool) -> Void)?
    /// Whether the application wants to see each event that goes out.
    private let isWatched: Bool
    private var random: LoopRandom

    init(
        eventLoop: any EventLoop,
        index: Int,
        name: String,
        definition: NamespaceDefinition,
        recovery: NamespaceRecovery?,
        parser: SocketIOParser,
        random: RandomSource
    ) {
        self.eventLoop = eventLoop
        self.index = index
        self.name = name
        self.definition = definition
        self.recovery = recovery
        self.writing = recovery?.store.isShared == true ? SessionWriting() : nil
        self.parser = parser
        self.isWatched = !definition.outgoingListeners.isEmpty
        self.random = LoopRandom(random)
    }

    /// How many sockets are connected on this loop.
    public var socketCount: Int { sockets.count }

    /// How many rooms have members on this loop.
    public var roomCount: Int { rooms.roomCount }

    /// The socket with this id, if it lives here.
    public func socket(_ id: String) -> Socket? {
        eventLoop.assertInEventLoop()
        // What most rooms are called is the id of no socket, which is seen at once.
        if let key = SessionID(id) { return socket(key).flatMap { $0.isQualified ? nil : $0 } }
        let start = name.utf8.count
        guard id.utf8.count == start + 1 + SessionID.length, id.utf8.dropFirst(start).first == UInt8(ascii: "#"),
            id.utf8.starts(with: name.utf8), let key = SessionID(Substring(id.utf8.suffix(SessionID.length)))
        else { return nil }
        return socket(key).flatMap { $0.isQualified ? $0 : nil }
    }

    private func socket(_ key: SessionID) -> Socket? { sockets.first(key.number) { $0.key == key } }

    /// A socket's id is not its session's: who sees it in a message must not be able to take over the session.
    func makeSocketID() -> SessionID { SessionID(loopIndex: 0, using: &random) }

    /// What a client shows to get its session back.
    func makePrivateID() -> PrivateID { PrivateID(using: &random) }

    /// Calls `body` with each socket on this loop.
    public func forEachSocket(_ body: (Socket) -> Void) {
        eventLoop.assertInEventLoop()
        for socket in Array(sockets) { body(socket) }
    }

    /// Sends an event to the members of one room on this loop, as it is: it is not kept for clients that are away.
    @inline(__always)
    public func emit(_ event: OutgoingEvent, to room: String) {
        eventLoop.assertInEventLoop()
        let event = event.addressed(to: name)
        if isWatched { return rooms.forEachMember(room) { $0.send(event) } }
        guard let outlets else { return }
        let frame = event.frame.encoded(for: parser)
        rooms.forEachOutlet(room) { outlets.send(frame, to: $0) }
    }

    /// As ``emit(_:to:)``, for who sends to the same room again and again: `ticket` is what the last call has returned, by which the room is
    /// found without its name.
    public func emit(_ event: OutgoingEvent, to room: String, ticket: RoomTicket?) -> RoomTicket? {
        eventLoop.assertInEventLoop()
        guard !isWatched, let outlets else {
            emit(event, to: room)
            return ticket
        }
        let frame = event.addressed(to: name).frame.encoded(for: parser)
        if let ticket, rooms.forEachOutlet(ticket, { outlets.send(frame, to: $0) }) { return ticket }
        guard let ticket = rooms.ticket(room) else { return nil }
        _ = rooms.forEachOutlet(ticket) { outlets.send(frame, to: $0) }
        return ticket
    }

    /// Sends an event to the members of either of two rooms on this loop, each once.
    public func emit(_ event: OutgoingEvent, to room: String, or other: String) {
        eventLoop.assertInEventLoop()
        let event = event.addressed(to: name)
        if isWatched { return emit(event, options: BroadcastOptions(rooms: [room, other])) }
        broadcastNumber &+= 1
        let number = broadcastNumber
        let frame = event.frame.encoded(for: parser)
        func visit(_ socket: Socket) {
            guard socket.lastBroadcast != number else { return }
            socket.lastBroadcast = number
            socket.connection.send(frame)
        }
        rooms.forEachMember(room, visit)
        rooms.forEachMember(other, visit)
    }

    /// Sends an event to everyone on this loop, as it is.
    public func emitToAll(_ event: OutgoingEvent) {
        eventLoop.assertInEventLoop()
        let event = event.addressed(to: name)
        if isWatched { return sockets.forEach { $0.send(event) } }
        let frame = event.frame.encoded(for: parser)
        for socket in sockets { socket.connection.send(frame) }
    }

    /// Sends an event to the sockets on this loop that `options` choose, each once, as it is.
    public func emit(_ event: OutgoingEvent, options: BroadcastOptions) {
        let event = event.addressed(to: name)
        if isWatched { return forEachSocket(options) { $0.send(event, volatile: options.isVolatile) } }
        let frame = event.frame.encoded(for: parser)
        forEachSocket(options) { $0.send(frame, volatile: options.isVolatile) }
    }

    /// The sockets on this loop that `options` choose, each once.
    public func sockets(_ options: BroadcastOptions) -> [Socket] {
        var chosen: [Socket] = []
        forEachSocket(options) { chosen.append($0) }
        return chosen
    }

    private func forEachSocket(_ options: BroadcastOptions, _ body: (Socket) -> Void) {
        eventLoop.assertInEventLoop()
        broadcastNumber &+= 1
        let number = broadcastNumber
        let excluded = options.except
        let excludedSockets = excluded.compactMap { socket($0) }
        func visit(_ socket: Socket) {
            guard socket.lastBroadcast != number else { return }
            socket.lastBroadcast = number
            if excludedSockets.contains(where: { $0 === socket }) { return }
            if !excluded.isEmpty, excluded.contains(where: { rooms.contains(socket, $0) }) { return }
            body(socket)
        }
        if options.rooms.isEmpty {
            for socket in sockets { visit(socket) }
        }
        for room in options.rooms {
            if let socket = socket(room) { visit(socket) }
            rooms.forEachMember(room, visit)
        }
    }

    func add(_ socket: Socket) {
        // Of two that are one session the later counts.
        if socket.recovered, let older = self.socket(socket.key) { sockets.remove(older) }
        if socket.recovered, let older = socket.privateID.flatMap(live) { delivery.live.remove(older) }
        sockets.insert(socket)
        if socket.privateID != nil { delivery.live.insert(socket) }
        outlets = outlets ?? socket.connection.siblings
        sessionChanged(socket)
        roomObserver?(socket.id, true)
    }

    func remove(_ socket: Socket) -> [String] {
        sockets.remove(socket)
        if socket.privateID != nil { delivery.live.remove(socket) }
        let left = rooms.leaveAll(socket)
        if let roomObserver {
            for room in left where rooms.count(room) == 0 { roomObserver(room, false) }
            roomObserver(socket.id, false)
        }
        return left
    }

    func join(_ socket: Socket, _ room: String, at position: UInt64?) -> Bool {
        guard rooms.join(socket, room, at: position) else { return false }
        // The session says so already where that was announced.
        if writing != nil, announced(of: socket)[room] == nil { sessionChanged(socket) }
        if let roomObserver, rooms.count(room) == 1 { roomObserver(room, true) }
        return true
    }

    func leave(_ socket: Socket, _ room: String) -> Bool {
        guard rooms.leave(socket, room) else { return false }
        sessionChanged(socket)
        if let roomObserver, rooms.count(room) == 0 { roomObserver(room, false) }
        return true
    }
}
