public import SocketIOCore

/// What a namespace does: who may connect and what is done with events. Given to the server before it starts, fixed afterwards.
///
/// Handlers run on the socket's event loop and must not block; what has to wait goes into a `Task` and comes back through the socket,
/// whose methods may be called from anywhere.
public struct NamespaceDefinition: Sendable {
    /// Looks at a request to connect; a thrown ``ConnectError`` refuses it. Runs off the event loop.
    public typealias Middleware = @Sendable (inout ConnectRequest) async throws -> Void
    /// Decides whether the client that sent `request` gets `session` back, and with which rooms and data; `nil` or an error refuses it.
    public typealias RestoreHandler = @Sendable (_ session: SavedSession, _ request: ConnectRequest) async throws -> RestoredState?
    /// Handles one event. `ack` is `nil` where the client asked for none.
    public typealias EventHandler = @Sendable (_ socket: Socket, _ arguments: EventArguments, _ ack: Ack?) -> Void

    var middlewares: [ConnectMiddleware] = []
    var handlers: [String: EventHandler] = [:]
    var eventMiddlewares: [EventMiddleware] = []
    var errorHandlers: [@Sendable (Socket, IncomingEvent, any Error) -> Void] = []
    var outgoingListeners: [@Sendable (Socket, OutgoingEvent) -> Void] = []
    var listeners: [@Sendable (Socket, String, EventArguments) -> Void] = []
    var connectHandlers: [@Sendable (Socket) -> Void] = []
    var disconnectingHandlers: [@Sendable (Socket, DisconnectReason) -> Void] = []
    var disconnectHandlers: [@Sendable (Socket, DisconnectReason, _ rooms: [String]) -> Void] = []
    var unknownHandler: (@Sendable (Socket, String, EventArguments, Ack?) -> Void)?
    var gate: (@Sendable (Socket, String, Ack?) -> Bool)?
    var deadlineHandler: (@Sendable (Socket) -> Void)?
    var slowConsumerNotice: (@Sendable (Socket) -> OutgoingEvent?)?
    var drainNotice: (@Sendable (Socket, Duration) -> OutgoingEvent?)?
    var saveHandler: @Sendable (Socket) -> (any Sendable)? = { $0.data }
    var restoreHandler: RestoreHandler = { session, _ in RestoredState(session) }
    var heartbeatHandler: (@Sendable (Socket, HeartbeatEvent) -> Void)?
    var serverSideHandlers: [String: @Sendable (EventArguments, ServerSideAck?) -> Void] = [:]
    var describeHandler: (@Sendable (Socket) -> String?)?

    /// A namespace that lets everyone in and ignores every event.
    public init() {}

    /// Adds a middleware; they run in the order they were added.
    public mutating func use(_ middleware: @escaping Middleware) {
        middlewares.append(ConnectMiddleware(waiting: middleware))
    }

    /// Adds a middleware that mostly need not wait: a task for each client that connects costs more than most decisions.
    ///
    /// - Parameters:
    ///   - atOnce: Decides on the connection's event loop, and must not block. Where it returns `false` it has not decided, and what it left
    ///     in ``ConnectRequest/data`` is for `waiting`.
    ///   - waiting: Decides off the event loop.
    public mutating func use(atOnce: @escaping @Sendable (inout ConnectRequest) throws -> Bool, waiting: @escaping Middleware) {
        middlewares.append(ConnectMiddleware(atOnce: atOnce, waiting: waiting))
    }

    /// Handles the event `name`, in place of an earlier handler.
    public mutating func on(_ name: String, _ handler: @escaping EventHandler) {
        handlers[name] = handler
    }

    /// Handles the event `name` whose first argument is a `Value`, in place of an earlier handler. An event with another argument is not
    /// handled; where the client asked for an ack, `invalid` may answer it.
    public mutating func on<Value: Decodable & Sendable>(
        _ name: String,
        as type: Value.Type,
        invalid: @escaping @Sendable (_ socket: Socket, _ error: any Error, _ ack: Ack?) -> Void = { _, _, _ in },
        _ handler: @escaping @Sendable (_ socket: Socket, _ value: Value, _ ack: Ack?) -> Void
    ) {
        on(name) { socket, arguments, ack in
            do {
                handler(socket, try arguments.decode(Value.self), ack)
            } catch {
                invalid(socket, error, ack)
            }
        }
    }

    /// Is called with every event before its handler, whether it has one or not.
    public mutating func onAny(_ listener: @escaping @Sendable (Socket, _ name: String, EventArguments) -> Void) {
        listeners.append(listener)
    }

    /// Is called with every event that is sent to a socket, right before it goes out; not with acks. Costs a call for each delivery.
    public mutating func onAnyOutgoing(_ listener: @escaping @Sendable (Socket, OutgoingEvent) -> Void) {
        outgoingListeners.append(listener)
    }

    /// Is called with each socket that has connected, right after its CONNECT packet.
    public mutating func onConnect(_ handler: @escaping @Sendable (Socket) -> Void) {
        connectHandlers.append(handler)
    }

    /// Is called when a socket is about to end: nothing can be sent to it any more, but it is still in its rooms.
    public mutating func onDisconnecting(_ handler: @escaping @Sendable (Socket, DisconnectReason) -> Void) {
        disconnectingHandlers.append(handler)
    }

    /// Is called when a socket has ended, with the rooms it was in.
    public mutating func onDisconnect(_ handler: @escaping @Sendable (Socket, DisconnectReason, _ rooms: [String]) -> Void) {
        disconnectHandlers.append(handler)
    }

    /// Handles events that no handler was given for.
    public mutating func onUnknown(_ handler: @escaping @Sendable (Socket, _ name: String, EventArguments, Ack?) -> Void) {
        unknownHandler = handler
    }

    /// Decides on each event whether it is handled at all: rate limits, for example.
    public mutating func onEachEvent(_ gate: @escaping @Sendable (Socket, _ name: String, Ack?) -> Bool) {
        self.gate = gate
    }

    /// What a client is told, where it still can be, before its connection is closed because it does not take what it is sent.
    public mutating func onSlowConsumer(_ notice: @escaping @Sendable (Socket) -> OutgoingEvent?) {
        slowConsumerNotice = notice
    }

    /// What a client is told when ``SocketIOServer/drain(over:)`` begins; its connection ends after the duration.
    public mutating func onDrain(_ notice: @escaping @Sendable (Socket, _ closesIn: Duration) -> OutgoingEvent?) {
        drainNotice = notice
    }

    /// Looks at each event after that and before its handler; an error that it throws goes to ``onEventError(_:)``, and the event is dropped.
    /// Middlewares run in the order they were added. Runs on the socket's loop and must not block.
    public mutating func useForEvents(_ middleware: @escaping @Sendable (Socket, IncomingEvent) throws -> Void) {
        eventMiddlewares.append(.immediate(middleware))
    }

    /// The same for a look that has to wait. Runs off the loop; the socket's later events wait meanwhile, so that they keep their order, at most
    /// ``SocketIOConfiguration/maxWaitingEvents``. Acks from the client do not wait.
    public mutating func useForEvents(waiting middleware: @escaping @Sendable (Socket, IncomingEvent) async throws -> Void) {
        eventMiddlewares.append(.suspending(middleware))
    }

    /// Is called with the events that a middleware refused: the `error` event of the reference server. The client is told nothing unless
    /// this tells it.
    public mutating func onEventError(_ handler: @escaping @Sendable (Socket, IncomingEvent, any Error) -> Void) {
        errorHandlers.append(handler)
    }

    /// Is called when the deadline of ``Socket/setDeadline(after:)`` has come.
    public mutating func onDeadline(_ handler: @escaping @Sendable (Socket) -> Void) {
        deadlineHandler = handler
    }

    /// Makes of a socket that has lost its connection what is kept as ``SavedSession/data``: ``Socket/data`` unless told otherwise. Leave
    /// out what must not be kept, such as tokens. Called on the socket's loop, while it is still in its rooms.
    public mutating func onSave(_ handler: @escaping @Sendable (Socket) -> (any Sendable)?) {
        saveHandler = handler
    }

    /// Decides on each client that asks for its saved session, after the connect middleware has let it in and before anything is given
    /// back. A refused client gets a new session; the saved one stays for whom it belongs to. Without this hook, whoever knows the
    /// session's private id gets it back whole. Runs off the event loop.
    public mutating func onRestore(_ handler: @escaping RestoreHandler) {
        restoreHandler = handler
    }

    /// Is called with each ping that goes out to a socket's client and with each that is answered: what was sent before an answered ping
    /// has arrived, because the transport keeps the order.
    public mutating func onHeartbeat(_ handler: @escaping @Sendable (Socket, HeartbeatEvent) -> Void) {
        heartbeatHandler = handler
    }

    // MARK: Other servers

    /// Handles an event that another server sent with ``BroadcastOperator/serverSideEmit(_:json:)``. Runs on the namespace's first event
    /// loop; `ack` is `nil` where the other server waits for none.
    public mutating func onServerSide(_ name: String, _ handler: @escaping @Sendable (EventArguments, ServerSideAck?) -> Void) {
        serverSideHandlers[name] = handler
    }

    /// Says what other servers are told of a socket by ``BroadcastOperator/fetchSockets()``: one JSON value; nothing unless told otherwise.
    /// Leave out what must not leave this server. Called on the socket's loop.
    public mutating func onDescribe(_ handler: @escaping @Sendable (Socket) -> String?) {
        describeHandler = handler
    }
}

/// What happens between a client and the heartbeat of its transport.
public enum HeartbeatEvent: Hashable, Sendable {
    /// A ping went out, behind all that was sent before it.
    case pingSent
    /// The last ping was answered.
    case pingAnswered
}
