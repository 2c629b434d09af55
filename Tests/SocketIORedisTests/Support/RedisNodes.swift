import EngineIO
import Logging
import NIOCore
import NIOPosix
import RedisClient
import RedisServers
import SocketIO
import SocketIOClient
import SocketIOCore
import SocketIORedis
import Testing

/// The formats, each with a driver of its own.
enum Format: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case classic, sharded, streams, python
    case shardedPrivate = "sharded-private"
    case severalStreams = "several-streams"

    var testDescription: String { rawValue }

    /// One driver for all namespaces of a server.
    func adapters(_ client: RedisClient) -> @Sendable (LocalAdapter) -> any Adapter {
        let logger = RedisNodes.silent
        func all(_ driver: some ClusterDriver) -> @Sendable (LocalAdapter) -> any Adapter { { ClusterAdapter($0, driver: driver) } }
        return switch self {
        case .classic: all(ClassicRedisDriver(client: client, logger: logger))
        case .sharded: all(ShardedRedisDriver(client: client, logger: logger))
        case .shardedPrivate: all(ShardedRedisDriver(client: client, mode: .dynamicPrivate, logger: logger))
        case .streams: all(StreamsRedisDriver(client: client, logger: logger))
        case .severalStreams: all(StreamsRedisDriver(client: client, streamCount: 3, logger: logger))
        case .python: all(PythonRedisDriver(client: client, logger: logger))
        }
    }
}

/// Several servers of ours on one Redis, each with a client and an address of its own.
struct RedisNodes: Sendable {
    struct Node: Sendable {
        let server: SocketIOServer
        let url: String
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let nodes: [Node]

    static func run(
        _ format: Format,
        _ count: Int,
        redis: String,
        namespaces: [String] = ["/"],
        _ define: (inout NamespaceDefinition, Int) -> Void,
        _ body: (RedisNodes) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var (nodes, listeners, clients): ([Node], [EngineListener], [RedisClient]) = ([], [], [])
        for index in 0..<count {
            var configuration = try RedisConfiguration(url: redis)
            configuration.connectTimeout = .seconds(30)
            configuration.commandTimeout = .seconds(30)
            let client = try RedisClient(configuration: configuration, group: group, logger: silent)
            try await client.start()
            var definition = NamespaceDefinition()
            define(&definition, index)
            let server = SocketIOServer(
                group: group,
                namespaces: Dictionary(uniqueKeysWithValues: namespaces.map { ($0, definition) }),
                adapter: format.adapters(client),
                logger: silent
            )
            let listener = try await server.start(host: "127.0.0.1", port: 0)
            nodes.append(Node(server: server, url: "http://127.0.0.1:\(listener.address?.port ?? 0)"))
            listeners.append(listener)
            clients.append(client)
        }
        let result: Result<Void, any Error>
        do {
            try await body(RedisNodes(nodes: nodes))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for listener in listeners { await listener.close() }
        for node in nodes { await node.server.shutdown() }
        for client in clients { await client.shutdown() }
        try await group.shutdownGracefully()
        try result.get()
    }

    func of(_ index: Int) -> BroadcastOperator { nodes[index].server.of("/") }

    /// A client on each node, when all nodes hear each other.
    func clients() async throws -> [SocketIOClient] {
        var clients: [SocketIOClient] = []
        for node in nodes { clients.append(try await SocketIOClient.connect(url: node.url)) }
        for index in nodes.indices {
            for client in clients { try await warmUp(client, from: index) }
        }
        return clients
    }

    private func warmUp(_ client: SocketIOClient, from index: Int) async throws {
        for _ in 0..<300 {
            of(index).emit("warm \(index)", json: "0")
            if (try? await client.event("warm \(index)", within: .milliseconds(100))) != nil { return }
        }
        throw NotMet(what: "node \(index) is heard")
    }
}

/// What did not come about in time.
struct NotMet: Error {
    let what: String
}

/// Waits until something is so.
func eventually(_ what: String, _ isMet: () async throws -> Bool) async throws {
    for _ in 0..<600 {
        if try await isMet() { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw NotMet(what: what)
}
