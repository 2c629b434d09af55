public import EngineIO
public import EngineIOCore
public import NIOCore
public import SocketIOCore

/// One client in one namespace.
///
/// Lives on its connection's event loop. Methods that only send may be called from anywhere and hop there; those that answer at once say
/// that they must be called on the loop, where all handlers run.
///
/// `@unchecked Sendable`: all mutable state is confined to `eventLoop`, and the methods assert that or hop.
public final class Socket: RoomMember, @unchecked Sendable {
    // In the order that leaves no gaps: there are very many of these. `ObjectSizeTests` say what one takes.

    /// The socket's id: 20 characters, not the session's. For a client of Engine.IO 3, whose protocol demands it, the session's id, after
    /// `<namespace>#` outside `/`: whoever sees it could take over the session, so do not show it to others.
    public var id: String { isQualified ? "\(namespace)#\(key)" : key.rawValue }
    /// The id as a number, by which the socket is found. As text it would be a block of memory for each socket.
    let key: SessionID
    /// Whether the id stands behind the namespace's name: its client derives it from the session's in this way.
    var isQualified: Bool { connection.revision == .three && namespace != "/" }
    /// The namespace's name.
    public var namespace: String { loop.name }
    /// The loop that the socket lives on.
    public var eventLoop: any EventLoop { connection.eventLoop }
    /// Which of the server's event loops that is.
    public var loopIndex: Int { loop.index }
    private var kept: SocketData?
    /// Kept by the room index.
    public var memberships = RoomMemberships()
    /// The last broadcast to several rooms that reached this socket: it gets each once.
    var lastBroadcast: UInt32 = 0
    let client: SocketIOConnection
    let loop: NamespaceLoop
    var connection: EngineConnection { client.connection }
    /// Where a fan-out to a room goes.
    public var outlet: EngineOutlet { connection.outlet }
    private var applicationDeadline = MonotonicInstant.distantFuture
    /// What the client shows to get this session back; `nil` where connection state is not recovered.
    let privateID: PrivateID?
    /// Whether this is the session of an earlier connection, with its id, rooms and data.
    public let recovered: Bool
    private(set) var isConnected = true
    /// Whether the session has been kept at the socket's end.
    private var isSaved = false
    /// The log's position when the session began.
    private let connectedAt: UInt64
    /// `nil` until it is needed, which for most sockets it never is.
    private var rarities: Rarities?

    /// What few sockets ever need. Confined to the socket's loop, like the socket.
    private final class Rarities {
        var waitingEvents: CircularBuffer<IncomingEvent>?
        var acks: AckTable<@Sendable (Result<EventArguments, AckError>) -> Void, MonotonicInstant>?
        /// The session's places among the events of sources when it came from another server.
        var carried: SharedPlaces?
    }

    private func makeRarities() -> Rarities {
        let made = rarities ?? Rarities()
        rarities = made
        return made
    }

    /// Whatever the application wants to remember; filled by middleware. On the loop only. Best a subclass of ``SocketData``.
    public var data: (any Sendable)? {
        get { kept?.value }
        set { kept = SocketData.keeping(newValue) }
    }

    /// ``privateID`` as it goes over the wire.
    var pid: String? { privateID?.rawValue }

    /// Events that wait behind one whose middleware takes its time; `nil` where none does.
    var waitingEvents: CircularBuffer<IncomingEvent>? {
        get { rarities?.waitingEvents }
        _modify { yield &makeRarities().waitingEvents }
    }

    private var acks: AckTable<@Sendable (Result<EventArguments, AckError>) -> Void, MonotonicInstant>? {
        get { rarities?.acks }
        _modify { yield &makeRarities().acks }
    }

    init(key: SessionID, client: SocketIOConnection, loop: NamespaceLoop, data: (any Sendable)?, privateID: PrivateID?) {
        self.key = key
        self.client = client
        self.loop = loop
        self.kept = SocketData.keeping(data)
        self.privateID = privateID
        self.connectedAt = loop.deliveredPosition
        self.recovered = false
    }

    init(_ restored: RestoredSession, client: SocketIOConnection, loop: NamespaceLoop) {
        self.key = restored.socketID
        self.client = client
        self.loop = loop
        self.kept = SocketData.keeping(restored.data)
        self.privateID = restored.privateID
        self.connectedAt = restored.reader.connectedAt
        self.recovered = true
        if let carried = restored.reader.shared { makeRarities().carried = carried }
    }

    // MARK: Sending

    /// Sends an event to this client.
    ///
    /// Where the server recovers connection state, the event is kept for the client while it is away, unless it is not
    /// ``OutgoingEvent/isRecoverable``, or ``RecoveryConfiguration/keepsEventsForOneSocket`` is off.
    public func emit(_ event: OutgoingEvent) {
        let event = event.addressed(to: namespace)
        // Most answers are given on the loop, where a closure would be an allocation for nothing.
        if eventLoop.inEventLoop { emitOnLoop(event) } else { eventLoop.execute { self.emitOnLoop(event) } }
    }

    private func emitOnLoop(_ event: OutgoingEvent) {
        guard event.isRecoverable, let recovery = loop.recovery, recovery.configuration.keepsEventsForOneSocket else { return send(event) }
        if isConnected {
            recovery.publish(event, to: self)
        } else if isSaved {
            // The client may be back already, by another connection and on another loop.
            client.broadcast(namespace).to(id).emit(event)
        }
    }

    /// Sends an event with one argument.
    ///
    /// - Throws: What `JSONEncoder` throws.
    public func emit(_ name: String, _ argument: some Encodable) throws {
        emit(try OutgoingEvent(name, argument, namespace: namespace))
    }

    /// Sends an event with one argument of JSON text.
    public func emit(_ name: String, json argument: String) {
        emit(OutgoingEvent(name, json: argument, namespace: namespace))
    }

    /// Sends an event and waits for the client's answer.
    ///
    /// - Throws: ``AckError``.
    public func emitWithAck(_ name: String, json arguments: ByteBuffer, timeout: Duration) async throws -> EventArguments {
        try await request(ClusterEvent(name, arguments: arguments), timeout: timeout)
    }

    /// Sends an event given as its array, and waits for the client's answer.
    func request(_ event: ClusterEvent, timeout: Duration) async throws -> EventArguments {
        try await withCheckedThrowingContinuation { continuation in
            onLoop { socket in
                guard socket.isConnected else { return continuation.resume(throwing: AckError.disconnected) }
                var table = socket.acks ?? AckTable()
                let deadline = socket.connection.now + timeout
                let id = table.add({ continuation.resume(with: $0.mapError { $0 as any Error }) }, deadline: deadline)
                socket.acks = table
                socket.client.updateDeadline()
                socket.send(
                    OutboundFrame(capacity: event.array.readableBytes + 32, binaries: event.attachments) {
                        let count = event.attachments.count
                        let kind = count > 0 ? SocketPacket.Kind.binaryEvent : .event
                        SocketPacket.writeHeader(kind, namespace: socket.namespace, ackID: id, attachmentCount: count, into: &$0)
                        $0.writeImmutableBuffer(event.array)
                    }
                )
            }
        }
    }

    /// Chooses whom a broadcast of this socket reaches: everyone in the namespace but itself, until rooms are named.
    public var broadcast: BroadcastOperator {
        client.broadcast(namespace).except(id)
    }

    /// Sends an event if the client can take it at once: its kernel has taken all before, or its poll is waiting. Else the event is dropped.
    public func emitVolatile(_ event: OutgoingEvent) {
        let event = event.addressed(to: namespace)
        onLoop { $0.send(event, volatile: true) }
    }

    /// Sends an event as it is, and tells those who watch.
    func send(_ event: OutgoingEvent, volatile: Bool = false) {
        guard isConnected, !volatile || connection.isWritable else { return }
        for listener in loop.definition.outgoingListeners { listener(self, event) }
        connection.send(event.frame.encoded(for: loop.parser))
    }

    /// Sends what the client missed while it was away, which is no sign that it is slow now.
    func send(missed events: [OutgoingEvent]) {
        for event in events { for listener in loop.definition.outgoingListeners { listener(self, event) } }
        connection.send(missed: events.map { $0.frame.encoded(for: loop.parser) })
    }

    /// Whether what is sent now goes out at the end of the pass: the kernel has taken all before, or a poll is waiting. On the loop only.
    public var isWritable: Bool { connection.isWritable }

    func send(_ frame: OutboundFrame, volatile: Bool = false) {
        if isConnected, !volatile || connection.isWritable { connection.send(frame.encoded(for: loop.parser)) }
    }

    func onLoop(_ action: @escaping @Sendable (Socket) -> Void) {
        if eventLoop.inEventLoop { action(self) } else { eventLoop.execute { action(self) } }
    }

    // MARK: Rooms

    /// Joins a room. On the loop only. Returns `false` where the socket is in it already, or has ended.
    @discardableResult
    public func join(_ room: String) -> Bool {
        eventLoop.assertInEventLoop()
        return isConnected && loop.join(self, room, at: privateID == nil ? nil : loop.deliveredPosition)
    }

    /// Leaves a room. On the loop only. Returns `false` where the socket was not in it.
    @discardableResult
    public func leave(_ room: String) -> Bool {
        eventLoop.assertInEventLoop()
        return loop.leave(self, room)
    }

    /// Drops the latest values of `group` that wait for a slow client. On the loop only.
    public func forget(group: String) { connection.forget(group: group) }

    /// Drops the latest values of all groups that match, where they wait for a slow client. On the loop only.
    public func forget(where matches: (_ group: String) -> Bool) { connection.forget(where: matches) }

    /// Whether the socket is in `room`. On the loop only.
    public func isIn(_ room: String) -> Bool { loop.rooms.contains(self, room) }

    /// The rooms the socket is in. On the loop only.
    public var rooms: [String] { loop.rooms.rooms(of: self) }

    /// In how many rooms the socket is. On the loop only.
    public var roomCount: Int { memberships.count }

    // MARK: The end

    /// Sends a DISCONNECT packet, after which a stock client stays away until its user connects it anew.
    ///
    /// - Parameter close: Whether the client's other namespaces end with it, each by a packet of its own, and the connection too.
    public func disconnect(close: Bool = false) {
        onLoop { socket in
            guard socket.isConnected else { return }
            if close { return socket.client.disconnectAll() }
            socket.send(
                OutboundFrame(capacity: 16) { SocketPacket.writeHeader(.disconnect, namespace: socket.namespace, into: &$0) }
            )
            socket.ended(.serverNamespaceDisconnect)
        }
    }

    /// Closes the transport without a DISCONNECT packet, so that a stock client reconnects by itself.
    public func closeTransport(_ reason: CloseReason = .forcedClose) {
        onLoop { $0.connection.close(reason) }
    }

    /// Forgets the HTTP request that opened the session, with its headers but those of these names. On the loop only.
    public func releaseHandshake(keeping names: [String] = []) { connection.releaseHandshake(keeping: names) }

    /// Whether the socket is connected. On the loop only.
    public var connected: Bool { isConnected }

    func ended(_ reason: DisconnectReason) {
        guard isConnected else { return }
        isConnected = false
        rarities?.waitingEvents = nil
        for handler in loop.definition.disconnectingHandlers { handler(self, reason) }
        loop.forgetAnnounced(of: self)
        if let recovery = loop.recovery, let privateID {
            if reason.isRecoverable, let session {
                isSaved = true
                recovery.save(session)
            } else {
                recovery.store.remove(privateID.rawValue)
            }
        }
        let rooms = loop.remove(self)
        for handler in rarities?.acks?.removeAll() ?? [] { handler(.failure(.disconnected)) }
        rarities?.acks = nil
        applicationDeadline = .distantFuture
        client.socketEnded(self)
        for handler in loop.definition.disconnectHandlers { handler(self, reason, rooms) }
    }

    /// What is kept while the client is away. On the loop only.
    var session: SavedSession? {
        guard let pid, let keeper = loop.recovery else { return nil }
        let rooms = loop.rooms.positions(of: self).merging(loop.announced(of: self)) { joined, _ in joined }
        let reader = RecoveryReader(
            socketID: id,
            connectedAt: connectedAt,
            rooms: rooms,
            receivedUntil: keeper.receivedUntil
        )
        return SavedSession(
            pid: pid,
            socketID: id,
            namespace: namespace,
            data: loop.definition.saveHandler(self),
            epoch: keeper.epoch,
            reader: reader,
            shared: keeper.shared(reader, carried: rarities?.carried),
            isFromElsewhere: rarities?.carried != nil
        )
    }

    /// Brings a restored socket into its rooms again, as if it had never left.
    func rejoin(_ rooms: [String: UInt64]) {
        for (room, position) in rooms { _ = loop.join(self, room, at: position) }
    }

    // MARK: Receiving

    func received(ack id: UInt64, arguments: EventArguments) {
        rarities?.acks?.received(id)?(.success(arguments))
    }

    // MARK: Time

    /// Asks for the namespace's deadline handler after `duration`, in place of an earlier request; `nil` takes it back. On the loop only.
    public func setDeadline(after duration: Duration?) {
        eventLoop.assertInEventLoop()
        guard isConnected else { return }
        applicationDeadline = duration.map { connection.now + $0 } ?? .distantFuture
        client.updateDeadline()
    }

    /// When this socket wants to be woken next.
    var deadline: MonotonicInstant { min(applicationDeadline, acks?.deadline ?? .distantFuture) }

    func deadlineReached(now: MonotonicInstant) {
        for handler in rarities?.acks?.expired(now: now) ?? [] { handler(.failure(.timedOut)) }
        if now >= applicationDeadline {
            applicationDeadline = .distantFuture
            loop.definition.deadlineHandler?(self)
        }
    }
}
