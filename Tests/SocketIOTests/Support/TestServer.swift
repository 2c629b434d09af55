import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import TestSupport

/// A server on two event loops and a loopback port, for the time of one test.
struct TestServer: Sendable {
    let server: SocketIOServer
    let address: SocketAddress
    let journal: Journal

    var port: Int { address.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }

    static func run(
        namespaces: [String] = ["/"],
        _ define: (inout NamespaceDefinition, Journal) -> Void,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(namespaces: namespaces, { _ in }, define, body)
    }

    /// Runs `body` with a server of these namespaces; what their handlers write into the journal, `body` can wait for.
    static func run(
        namespaces: [String] = ["/"],
        dynamicPrefix: String? = nil,
        _ configure: (inout SocketIOConfiguration) -> Void,
        _ define: (inout NamespaceDefinition, Journal) -> Void,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = SocketIOConfiguration()
        configuration.engine.keepAliveTimeout = .seconds(60)
        configure(&configuration)
        let journal = Journal()
        var definition = NamespaceDefinition()
        define(&definition, journal)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = SocketIOServer(
            group: group,
            configuration: configuration,
            namespaces: Dictionary(uniqueKeysWithValues: namespaces.map { ($0, definition) }),
            dynamicNamespaces: dynamicPrefix.map { prefix in [DynamicNamespace(definition) { $0.hasPrefix(prefix) }] } ?? [],
            logger: Logger(label: "test")
        )
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        guard let address = listener.address else { throw WaitError(description: "no address") }
        let result: Result<Void, any Error>
        do {
            try await body(TestServer(server: server, address: address, journal: journal))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    func connect(
        auth: String? = nil,
        namespace: String = "/",
        recovery: SocketIORecovery? = nil,
        transport: TransportKind = .websocket
    ) async throws -> SocketIOClient {
        var options = SocketIOClientOptions()
        options.connectTimeout = .seconds(30)
        return try await SocketIOClient.connect(
            url: url,
            auth: auth,
            transport: transport,
            namespace: namespace,
            recovery: recovery,
            options: options
        )
    }

    /// A WebSocket whose open packet has been read.
    func webSocket() async throws -> RawWebSocket {
        let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(port)/socket.io/?EIO=4&transport=websocket")
        _ = try await socket.receiveText(within: .seconds(30))
        return socket
    }

    /// A WebSocket that has connected to `/`.
    func connectedWebSocket() async throws -> RawWebSocket {
        let socket = try await webSocket()
        try await socket.send(text: "40")
        _ = try await socket.receiveText(within: .seconds(30))
        return socket
    }

    /// How many sockets and rooms each loop holds.
    func population(_ namespace: String = "/") async throws -> [Population] {
        var populations: [Population] = []
        for loop in server.loops(namespace) {
            populations.append(
                try await loop.eventLoop.submit { Population(sockets: loop.socketCount, rooms: loop.roomCount) }.get()
            )
        }
        return populations
    }

    /// Whether no loop holds a socket or a room.
    func isEmpty(_ namespace: String = "/") async throws -> Bool {
        try await population(namespace).allSatisfy { $0.sockets == 0 && $0.rooms == 0 }
    }

    struct Population {
        var sockets: Int
        var rooms: Int
    }
}
