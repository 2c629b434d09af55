public import EngineIOCore
public import NIOCore
public import NIOPosix
public import SocketIOCore

/// A client of one namespace of a Socket.IO server (Socket.IO protocol 5 over Engine.IO protocol 4).
///
/// Small on purpose: it neither reconnects nor moves from polling to WebSocket, and knows one namespace. Methods may be called from any task; the
/// connection itself lives on one event loop. A client must be ended by ``disconnect()`` or ``abort()``, or it lasts as long as the server
/// keeps it.
public final class SocketIOClient: Sendable {
    /// The socket's id and what else the server answered to CONNECT.
    public let session: SocketIOSession
    /// What the server said of the connection.
    public let parameters: EngineParameters
    /// The events in the order they come; for one consumer.
    public let events: SocketIOEvents
    private let connection: ClientConnection

    private init(_ connection: ClientConnection, _ parameters: EngineParameters, _ session: SocketIOSession) {
        self.connection = connection
        self.parameters = parameters
        self.session = session
        self.events = SocketIOEvents(mailbox: connection.mailbox)
    }

    /// Connects to a namespace and waits for the server's consent.
    ///
    /// - Parameters:
    ///   - url: `http://host:port`, or with `https`, `ws` or `wss`; no path.
    ///   - auth: A JSON object that CONNECT carries, such as `{"token":"…"}`.
    ///   - transport: The transport, kept for good.
    ///   - namespace: With its leading slash.
    ///   - recovery: What an earlier client of the same namespace left as its ``recovery()``; whether its session was given back is
    ///     ``SocketIOSession/recovered``.
    ///   - options: Path, headers, bounds and time-outs.
    ///   - group: One of its loops serves the connection.
    /// - Throws: ``SocketIOConnectError`` where the server refuses the CONNECT; ``SocketIOClientError`` where it refuses the connection,
    ///   breaks the protocol, or takes too long; what the system says where nobody listens.
    public static func connect(
        url: String,
        auth: String? = nil,
        transport: TransportKind = .websocket,
        namespace: String = "/",
        recovery: SocketIORecovery? = nil,
        options: SocketIOClientOptions = SocketIOClientOptions(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> SocketIOClient {
        if let auth { try OutgoingPacket.validate(auth: auth) }
        let endpoint = try EngineEndpoint(server: ServerURL(url), options: options)
        let connection = ClientConnection(
            eventLoop: group.next(),
            namespace: namespace,
            auth: auth.map { ByteBuffer(string: $0) },
            recovery: recovery,
            parser: options.parser,
            mailbox: Mailbox(maximumCount: options.maxWaitingEvents, maximumCost: options.maxWaitingBytes)
        )
        do {
            try await open(connection, transport, at: endpoint)
        } catch {
            connection.eventLoop.execute { connection.neverOpened() }
            throw SocketIOClientError.translated(error)
        }
        let timeout = options.connectTimeout
        let overdue = connection.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            connection.giveUp(SocketIOClientError(.timeout, "not connected within \(timeout)"))
        }
        defer { overdue.cancel() }
        let (parameters, session) = try await withTaskCancellationHandler {
            try await connection.connected.get()
        } onCancel: {
            connection.eventLoop.execute { connection.abort() }
        }
        return SocketIOClient(connection, parameters, session)
    }

    private static func open(_ connection: ClientConnection, _ transport: TransportKind, at endpoint: EngineEndpoint) async throws {
        let options = endpoint.options
        switch transport {
        case .websocket:
            let dialer = WebSocketDialer(
                url: try endpoint.url(transport),
                headers: options.headers,
                eventLoop: connection.eventLoop,
                timeout: options.connectTimeout,
                maxFrameBytes: options.maxMessageBytes,
                tls: endpoint.tls
            )
            _ = try await dialer.open { WebSocketClientTransport(delegate: connection, maxMessageBytes: options.maxMessageBytes) }
        case .polling:
            try await connection.eventLoop.flatSubmit {
                PollingClientTransport(endpoint: endpoint, delegate: connection, eventLoop: connection.eventLoop).open()
            }.get()
        }
    }

    // MARK: Sending

    /// Sends an event; returns when it has been handed over to the kernel.
    ///
    /// - Parameters:
    ///   - name: The event.
    ///   - json: Its arguments as JSON text, values joined by commas; empty for none.
    ///   - attachments: Binary arguments, for which `json` holds `{"_placeholder":true,"num":n}`.
    public func emit(_ name: String, json: String = "", attachments: [ByteBuffer] = []) async throws {
        try OutgoingPacket.validate(arguments: json)
        try await send(OutgoingPacket.event(name, json: json, attachments: attachments, namespace: connection.namespace))
    }

    /// Sends an event and returns what the server acknowledges it with.
    ///
    /// - Throws: ``SocketIOClientError`` of code `timeout` where no ack comes in time; a cancelled task waits for it all the same.
    public func emitWithAck(
        _ name: String,
        json: String = "",
        attachments: [ByteBuffer] = [],
        timeout: Duration = .seconds(10)
    ) async throws -> EventArguments {
        try OutgoingPacket.validate(arguments: json)
        let connection = self.connection
        return try await connection.eventLoop.flatSubmit {
            connection.request(timeout) { id in
                OutgoingPacket.event(name, json: json, attachments: attachments, namespace: connection.namespace, ackID: id)
            }
        }.get()
    }

    /// Acknowledges an event of the server by its ``SocketIOEvent/ackID``.
    public func ack(_ id: UInt64, json: String = "", attachments: [ByteBuffer] = []) async throws {
        try OutgoingPacket.validate(arguments: json)
        try await send(OutgoingPacket.ack(id, json: json, attachments: attachments, namespace: connection.namespace))
    }

    private func send(_ messages: [EngineMessage]) async throws {
        let connection = self.connection
        try await connection.eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            let promise = connection.eventLoop.makePromise(of: Void.self)
            connection.send(messages, promise: promise)
            return promise.futureResult
        }.get()
    }

    // MARK: Receiving

    /// Takes events off the stream until one is named `name` (or simply the next, where it is `nil`) and returns it.
    ///
    /// - Throws: ``SocketIOClientError`` of code `timeout`, or `closed` where the connection ends first; `CancellationError`.
    public func event(_ name: String? = nil, within timeout: Duration = .seconds(5)) async throws -> SocketIOEvent {
        let deadline = ContinuousClock.now + timeout
        while true {
            let rest = max(.zero, deadline - ContinuousClock.now)
            guard let event = try await connection.mailbox.next(within: (rest, connection.eventLoop)) else {
                throw SocketIOClientError(.closed, closeReason?.rawValue ?? "the connection has ended")
            }
            if name == nil || event.name == name { return event }
        }
    }

    /// How many events were dropped because nobody took them.
    public var droppedEvents: Int { connection.mailbox.dropped }

    // MARK: The end

    /// Sends DISCONNECT, closes the transport and waits until it is closed.
    public func disconnect() async {
        connection.eventLoop.execute { self.connection.disconnect() }
        await waitUntilClosed()
    }

    /// Breaks the connection off without a word, as a client that lost its network, and waits until it is closed.
    public func abort() async {
        connection.eventLoop.execute { self.connection.abort() }
        await waitUntilClosed()
    }

    /// What asks for this session again on a new connection; `nil` where the server does not recover sessions. Complete once the connection
    /// has ended; until then it is of the moment. May be called from any task.
    public func recovery() async -> SocketIORecovery? {
        try? await connection.eventLoop.submit { self.connection.recovery }.get()
    }

    /// Why the connection ended; `nil` while it lasts.
    public var closeReason: SocketIOCloseReason? { connection.closeReason }

    /// Waits for the end of the connection, whoever brings it about, and says why it ended.
    @discardableResult
    public func waitUntilClosed() async -> SocketIOCloseReason {
        (try? await connection.closed.get()) ?? .transportError
    }
}
