public import EngineIO
import EngineIOCore
public import Logging
public import NIOCore
import SocketIOCore

/// A Socket.IO 5 server.
///
/// ```swift
/// var chat = NamespaceDefinition()
/// chat.on("message") { socket, arguments, ack in
///     guard let text = arguments.json(0) else { return }
///     socket.broadcast.emit(OutgoingEvent("message", json: "{\"from\":\"\(socket.id)\",\"text\":\(String(buffer: text))}"))
///     ack?.send(json: "true")
/// }
/// let server = SocketIOServer(group: MultiThreadedEventLoopGroup.singleton, namespaces: ["/": chat], logger: Logger(label: "chat"))
/// let listener = try await server.start(host: "127.0.0.1", port: 3000)
/// ```
public final class SocketIOServer: Sendable {
    /// The settings.
    public let configuration: SocketIOConfiguration
    private let application: SocketIOApplication
    private let engine: EngineServer

    /// A server on the event loops of `group`.
    ///
    /// - Parameters:
    ///   - group: The loops that clients are spread over.
    ///   - configuration: The settings.
    ///   - namespaces: What each namespace does, by its name with a leading slash.
    ///   - dynamicNamespaces: Families of namespaces that come and go with their clients; the first that takes a name counts.
    ///   - adapter: Makes the adapter of each namespace: ``ClusterAdapter`` where there are several servers.
    ///   - logger: Where the server reports.
    public init(
        group: any EventLoopGroup,
        configuration: SocketIOConfiguration = SocketIOConfiguration(),
        namespaces: [String: NamespaceDefinition],
        dynamicNamespaces: [DynamicNamespace] = [],
        adapter: @escaping @Sendable (LocalAdapter) -> any Adapter = { $0 },
        logger: Logger
    ) {
        self.configuration = configuration
        let eventLoops = Array(group.makeIterator())
        let environment = configuration.recovery.map { RecoveryEnvironment(configuration, $0, eventLoops: eventLoops) }
        self.application = SocketIOApplication(
            configuration: configuration,
            namespaces: NamespaceTable(
                fixed: namespaces,
                families: dynamicNamespaces,
                eventLoops: eventLoops,
                maximumDynamic: configuration.maxDynamicNamespaces,
                parser: configuration.parser,
                random: configuration.random,
                makeRecovery: {
                    guard let recovery = configuration.recovery, let environment else { return nil }
                    return NamespaceRecovery(recovery, environment: environment, loopCount: eventLoops.count)
                },
                makeAdapter: adapter
            ),
            logger: logger
        )
        self.engine = EngineServer(
            group: group,
            configuration: configuration.engine,
            application: application,
            logger: logger
        )
    }

    /// Binds to an address and serves it. Port 0 lets the system choose.
    ///
    /// - Parameters:
    ///   - host: The address or name to bind to.
    ///   - port: The port.
    ///   - fallback: Answers HTTP requests outside the Engine.IO path.
    ///   - options: How its connections begin: TLS, for example.
    /// - Throws: What the operating system says, for example `EADDRINUSE`.
    public func start(
        host: String,
        port: Int,
        fallback: any FallbackResponder = NotFoundResponder(),
        options: EngineListenerOptions = EngineListenerOptions()
    ) async throws -> EngineListener {
        try await engine.start(host: host, port: port, fallback: fallback, options: options)
    }

    /// Starts without a listener, for connections that come by ``serve(_:fallback:)``.
    public func start() async throws {
        try await engine.start()
    }

    /// Serves a connection that something else has accepted, on one of the server's event loops: a listener of its own, or a test.
    public func serve(_ channel: any Channel, fallback: any FallbackResponder = NotFoundResponder()) async throws {
        try await engine.serve(channel, fallback: fallback)
    }

    /// Ends all connections, spread over `duration`, as `EngineServer.drain(over:)` does: without a DISCONNECT packet, so that stock clients
    /// reconnect, and with their sessions saved where connection state is recovered. ``NamespaceDefinition/onDrain(_:)`` tells clients before.
    public func drain(over duration: Duration) async {
        await engine.drain(over: duration)
    }

    /// Closes all connections; stock clients reconnect.
    public func shutdown() async {
        await engine.shutdown()
        application.namespaces.closeAdapters()
    }

    /// The parts of a namespace, one for each event loop; empty where there is no such namespace.
    public func loops(_ namespace: String = "/") -> [NamespaceLoop] {
        application.namespaces.loops(namespace)
    }

    /// A broadcast to a namespace.
    public func of(_ namespace: String) -> BroadcastOperator {
        application.namespaces.broadcast(namespace)
    }

    /// How many dynamic namespaces there are now.
    public var dynamicNamespaceCount: Int { application.namespaces.dynamicCount }

    /// What connection state recovery has counted in a namespace; `nil` where it is off, or there is no such namespace.
    public func recoveryStatistics(_ namespace: String = "/") -> RecoveryStatistics? {
        loops(namespace).first?.recovery?.statistics
    }

    /// What the server itself has counted: refusals and bad packets.
    public var socketStatistics: SocketIOStatistics { application.statistics }

    /// What the transport layer has counted.
    public func statistics() async -> EngineStatistics {
        await engine.statistics()
    }
}
