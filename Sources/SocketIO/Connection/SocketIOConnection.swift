import EngineIO
import EngineIOCore
import JSONScan
import Logging
import NIOCore
import SocketIOCore

/// One client: the sockets that it has over one Engine.IO session. Confined to the session's event loop.
final class SocketIOConnection: EngineConnectionDelegate {
    let application: SocketIOApplication
    let connection: EngineConnection
    private var assembler: PacketAssembler
    private var sockets = SocketList()
    /// Namespaces whose middleware is at work.
    private var connecting: [String] = []
    private var connectDeadline = MonotonicInstant.distantFuture

    init(application: SocketIOApplication, connection: EngineConnection) {
        self.application = application
        self.connection = connection
        self.assembler = PacketAssembler(
            parser: application.configuration.parser,
            readsNamespaceQuery: connection.revision == .three,
            maximumBytes: application.configuration.maxPacketBytes
        )
    }

    func connectionOpened(_ connection: EngineConnection) {
        connectDeadline = connection.now + application.configuration.connectTimeout
        updateDeadline()
        // A client of Engine.IO 3 does not ask for `/`: it waits to be told that it is in it.
        if connection.revision == .three { connect("/", auth: nil) }
    }

    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {
        handle { () throws(SocketPacketError) in try assembler.received(text: text) }
    }

    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {
        handle { () throws(SocketPacketError) in try assembler.received(binary: binary) }
    }

    private func handle(_ receive: () throws(SocketPacketError) -> SocketMessage?) {
        do {
            if let message = try receive() { handle(message) }
        } catch {
            application.count(error)
            application.logger.debug("closing a connection: bad packet", metadata: ["sid": "\(connection.id)", "error": "\(error)"])
            connection.close(.parseError)
        }
    }

    private func handle(_ message: SocketMessage) {
        switch message {
        case .connect(let namespace, let auth):
            connect(namespace, auth: auth)
        case .disconnect(let namespace):
            socket(namespace)?.ended(.clientNamespaceDisconnect)
        case .event(let namespace, let name, let arguments, let ackID):
            guard let socket = socket(namespace) else { return connection.close(.parseError) }
            socket.received(event: name, arguments: arguments, ackID: ackID)
        case .ack(let namespace, let id, let arguments):
            guard let socket = socket(namespace) else { return connection.close(.parseError) }
            socket.received(ack: id, arguments: arguments)
        case .connectError:
            connection.close(.parseError)
        case .ignored:
            break
        }
    }

    private func socket(_ namespace: String) -> Socket? {
        sockets.socket(in: namespace)
    }

    // MARK: Connecting

    private func connect(_ name: String, auth: JSONObject?) {
        guard socket(name) == nil, !connecting.contains(name) else { return connection.close(.parseError) }
        let loop: NamespaceLoop
        do throws(NamespaceRefusal) {
            guard sockets.count + connecting.count < application.configuration.maxNamespacesPerConnection else {
                throw NamespaceRefusal.tooManyNamespacesOfConnection
            }
            loop = try application.namespaces.enter(name)[connection.id.loopIndex]
        } catch {
            application.count(error)
            return refuse(name, ConnectError(message: error.message))
        }
        var request = ConnectRequest(
            namespace: name,
            sessionID: connection.id,
            revision: connection.revision,
            auth: auth,
            handshake: connection.handshake,
            remoteAddress: connection.remoteAddress
        )
        let claim = canRecover(in: loop) ? RecoveryClaim(auth) : nil
        do {
            let middlewares = try loop.definition.middlewares.runAtOnce(&request)
            if middlewares.isEmpty, claim == nil { return accept(loop, data: request.data) }
            decide(request, by: middlewares, claim, loop)
        } catch {
            decided(loop, .failure(application.refusal(error, name)))
        }
    }

    /// Asks those that have to wait, in a task.
    private func decide(
        _ request: ConnectRequest,
        by middlewares: ArraySlice<ConnectMiddleware>,
        _ claim: RecoveryClaim?,
        _ loop: NamespaceLoop
    ) {
        let name = loop.name
        connecting.append(name)
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        let eventLoop = connection.eventLoop
        Task { [application] in
            let result: Result<Admission, ConnectError>
            do {
                var request = request
                for middleware in middlewares { try await middleware.waiting(&request) }
                if let claim, let recovery = loop.recovery,
                    let restored = await recovery.restore(claim, request, on: application.namespaces.loops(name))
                {
                    result = .success(.restored(restored, data: request.data))
                } else {
                    result = .success(.new(data: request.data))
                }
            } catch {
                result = .failure(application.refusal(error, name))
            }
            eventLoop.execute { bound.value.decided(loop, result) }
        }
    }

    /// What a client that was let in gets.
    private enum Admission {
        case new(data: (any Sendable)?)
        /// `data` is what the middleware said, in case the session turns out to be lost after all.
        case restored(RestoredSession, data: (any Sendable)?)
    }

    private func decided(_ loop: NamespaceLoop, _ result: Result<Admission, ConnectError>) {
        connecting.removeAll { $0 == loop.name }
        switch result {
        case .success(.new(let data)) where !connection.isClosed: accept(loop, data: data)
        case .success(.restored(let restored, let data)) where !connection.isClosed: resume(loop, restored, data: data)
        case .success(.restored(let restored, _)):
            // Gone again in the meantime: the session waits for the next time.
            loop.recovery?.save(restored.session)
            application.namespaces.leave(loop.name)
        case .success(.new): application.namespaces.leave(loop.name)
        case .failure(let error):
            application.namespaces.leave(loop.name)
            refuse(loop.name, error)
        }
    }

    private func accept(_ loop: NamespaceLoop, data: (any Sendable)?) {
        let privateID = canRecover(in: loop) ? loop.makePrivateID() : nil
        // A client of Engine.IO 3 takes its session's id for its own.
        let key = connection.revision == .three ? connection.id : loop.makeSocketID()
        begin(Socket(key: key, client: self, loop: loop, data: data, privateID: privateID))
    }

    /// Gives a session back: CONNECT, what was missed, and from there on what is published, without a gap and nothing twice.
    private func resume(_ loop: NamespaceLoop, _ restored: RestoredSession, data: (any Sendable)?) {
        guard let recovery = loop.recovery else { return accept(loop, data: data) }
        // The client may have seen on another loop what this one has not delivered yet.
        loop.deliverPublished(upTo: restored.ticket)
        let missed = recovery.missed(
            by: restored.reader,
            after: restored.position,
            upTo: loop.deliveredPosition,
            // In all: what other sockets of the client missed may still wait.
            maximumBytes: max(0, recovery.bounds.replay - connection.queuedBytes)
        )
        switch missed {
        case .success(let events):
            recovery.count {
                $0.restored += 1
                $0.replayed += events.count
                $0.replayedBytes += events.reduce(0) { $0 + $1.byteCount }
            }
            let socket = Socket(restored, client: self, loop: loop)
            socket.rejoin(restored.reader.rooms)
            begin(socket, missed: events)
        case .failure(let refusal):
            recovery.count { $0.refusals[refusal.reason, default: 0] += 1 }
            accept(loop, data: data)
        }
    }

    private func begin(_ socket: Socket, missed: [OutgoingEvent] = []) {
        let loop = socket.loop
        sockets.append(socket)
        loop.add(socket)
        connectDeadline = .distantFuture
        updateDeadline()
        send(
            OutboundFrame(capacity: 80) {
                SocketPacket.writeHeader(.connect, namespace: loop.name, into: &$0)
                // A client of Engine.IO 3 knows its id.
                guard connection.revision == .four else { return }
                $0.writeStaticString("{\"sid\":\"")
                socket.key.write(into: &$0)
                if let privateID = socket.privateID {
                    $0.writeStaticString("\",\"pid\":\"")
                    privateID.write(into: &$0)
                }
                $0.writeStaticString("\"}")
            }
        )
        socket.send(missed: missed)
        // Much is written at once, which may show that the client is gone: then its end has been told, and comes after no beginning.
        guard socket.isConnected else { return }
        for handler in loop.definition.connectHandlers { handler(socket) }
    }

    /// A broadcast to everyone in a namespace.
    func broadcast(_ namespace: String) -> BroadcastOperator {
        application.namespaces.broadcast(namespace)
    }

    /// Clients of Engine.IO 3 know nothing of recovery: their ids are their sessions'.
    private func canRecover(in loop: NamespaceLoop) -> Bool {
        loop.recovery != nil && connection.revision == .four
    }

    private func refuse(_ namespace: String, _ error: ConnectError) {
        send(
            OutboundFrame(capacity: 128) {
                SocketPacket.writeHeader(.connectError, namespace: namespace, into: &$0)
                $0.writeString(connection.revision == .four ? error.json : JSONString.literal(error.message))
            }
        )
    }

    private func send(_ frame: OutboundFrame) {
        connection.send(frame.encoded(for: application.configuration.parser))
    }

    // MARK: Time and the end

    /// A socket has ended. Who is in no namespace has as long to enter one as at the start: a connection that nobody counts must not last.
    func socketEnded(_ socket: Socket) {
        sockets.remove(socket)
        application.namespaces.leave(socket.namespace)
        guard !connection.isClosed else { return }
        if sockets.isEmpty { connectDeadline = connection.now + application.configuration.connectTimeout }
        updateDeadline()
    }

    func updateDeadline() {
        connection.setDeadline(sockets.reduce(connectDeadline) { min($0, $1.deadline) })
    }

    func connectionDeadlineReached(_ connection: EngineConnection) {
        let now = connection.now
        if now >= connectDeadline { return connection.close(.forcedClose) }
        for socket in sockets { socket.deadlineReached(now: now) }
        if !connection.isClosed { updateDeadline() }
    }

    /// Ends all sockets, each with a DISCONNECT packet, then the connection.
    func disconnectAll() {
        let sockets = self.sockets
        for socket in sockets { socket.disconnect() }
        connection.close(.forcedClose)
    }

    func slowConsumerNotice(_ connection: EngineConnection) -> OutboundFrame? {
        for socket in sockets {
            if let notice = socket.loop.definition.slowConsumerNotice?(socket) {
                return notice.addressed(to: socket.namespace).frame.encoded(for: socket.loop.parser)
            }
        }
        return nil
    }

    func connectionDraining(_ connection: EngineConnection, closesIn delay: Duration) {
        for socket in sockets {
            if let notice = socket.loop.definition.drainNotice?(socket, delay) { socket.send(notice.addressed(to: socket.namespace)) }
        }
    }

    func connectionPingSent(_ connection: EngineConnection) {
        for socket in sockets { socket.loop.definition.heartbeatHandler?(socket, .pingSent) }
    }

    func connectionPingAnswered(_ connection: EngineConnection) {
        for socket in sockets { socket.loop.definition.heartbeatHandler?(socket, .pingAnswered) }
    }

    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {
        let sockets = self.sockets
        self.sockets = SocketList()
        for socket in sockets { socket.ended(.connection(reason)) }
    }
}
