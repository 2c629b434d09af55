import EngineIO
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import SocketIOTesting
import TestSupport

/// Several servers of one process, joined by an ``InMemoryCluster``, for the time of one test.
struct TestCluster: Sendable {
    let cluster: InMemoryCluster
    let nodes: [TestServer]

    static func run(
        _ count: Int = 3,
        cluster: InMemoryCluster = InMemoryCluster(),
        settings configuration: ClusterConfiguration = ClusterConfiguration(),
        _ define: (inout NamespaceDefinition, Journal) -> Void,
        _ body: (TestCluster) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var nodes: [TestServer] = []
        var listeners: [EngineListener] = []
        for _ in 0..<count {
            let journal = Journal()
            var definition = NamespaceDefinition()
            define(&definition, journal)
            let server = SocketIOServer(
                group: group,
                namespaces: ["/": definition, "/other": definition],
                adapter: { ClusterAdapter($0, driver: cluster, configuration: configuration) },
                logger: Logger(label: "test")
            )
            let listener = try await server.start(host: "127.0.0.1", port: 0)
            guard let address = listener.address else { throw WaitError(description: "no address") }
            listeners.append(listener)
            nodes.append(TestServer(server: server, address: address, journal: journal))
        }
        let result: Result<Void, any Error>
        do {
            try await body(TestCluster(cluster: cluster, nodes: nodes))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for listener in listeners { await listener.close() }
        for node in nodes { await node.server.shutdown() }
        try await group.shutdownGracefully()
        try result.get()
    }

    /// A client on each node.
    func clients() async throws -> [SocketIOClient] {
        var clients: [SocketIOClient] = []
        for node in nodes { clients.append(try await node.connect()) }
        return clients
    }

    /// A broadcast from one node.
    func of(_ index: Int, _ namespace: String = "/") -> BroadcastOperator { nodes[index].server.of(namespace) }
}
