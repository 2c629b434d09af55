import EngineIO
public import Logging
import NIOCore
import NIOEmbedded
public import SocketIO
import Synchronization

/// A Socket.IO server without sockets, ports and waiting: its one event loop runs when a client of the test reads or writes, and its time
/// moves when the test says so.
///
/// Everything above the kernel is real: HTTP, the upgrade, WebSocket frames, both protocols.
///
/// ```swift
/// let server = try await InMemoryServer(namespaces: ["/": chat])
/// let (alice, bob) = (try await server.connect(), try await server.connect())
/// try await alice.emit("message", json: "\"hello\"")
/// #expect(try await bob.next().name == "message")
/// await server.advanceTime(by: .seconds(60))
/// try await server.shutdown()
/// ```
public final class InMemoryServer: Sendable {
    /// The server.
    public let server: SocketIOServer
    private let eventLoop = NIOAsyncTestingEventLoop()
    private let clients = Mutex<[InMemoryClient]>([])

    /// A server that has been started.
    ///
    /// - Parameters:
    ///   - configuration: Its settings.
    ///   - namespaces: What each namespace does, by its name with a leading slash.
    ///   - dynamicNamespaces: Families of namespaces.
    ///   - adapter: Makes the adapter of each namespace.
    ///   - logger: Where the server reports.
    public init(
        configuration: SocketIOConfiguration = SocketIOConfiguration(),
        namespaces: [String: NamespaceDefinition],
        dynamicNamespaces: [DynamicNamespace] = [],
        adapter: @escaping @Sendable (LocalAdapter) -> any Adapter = { $0 },
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws {
        server = SocketIOServer(
            group: eventLoop,
            configuration: configuration,
            namespaces: namespaces,
            dynamicNamespaces: dynamicNamespaces,
            adapter: adapter,
            logger: logger
        )
        try await server.start()
    }

    /// Connects a client over a WebSocket.
    ///
    /// - Parameters:
    ///   - namespace: With its leading slash.
    ///   - auth: A JSON object that CONNECT carries.
    /// - Throws: ``InMemoryClientError``.
    public func connect(_ namespace: String = "/", auth: String? = nil) async throws -> InMemoryClient {
        let channel = NIOAsyncTestingChannel(loop: eventLoop)
        try await server.serve(channel)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let client = InMemoryClient(channel: channel, namespace: namespace, path: server.configuration.engine.path)
        try await client.open(auth: auth)
        clients.withLock { $0.append(client) }
        return client
    }

    /// Moves the server's time forward, in steps of at most a second, after each of which clients answer the pings that have come.
    public func advanceTime(by duration: Duration) async {
        var rest = duration
        while rest > .zero {
            let step = min(rest, .seconds(1))
            rest -= step
            await eventLoop.advanceTime(by: TimeAmount(step))
            for client in clients.withLock({ $0 }) { await client.takeWhatHasCome() }
        }
    }

    /// Ends the server and its clients.
    public func shutdown() async throws {
        await server.shutdown()
        for client in clients.withLock({ $0 }) { await client.drop() }
        await eventLoop.shutdownGracefully()
    }
}
