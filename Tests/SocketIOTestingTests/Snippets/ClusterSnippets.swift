import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Several servers”.
@Suite("Snippets: several servers", .timeLimit(.minutes(1)))
struct ClusterSnippets {
    @Test func severalServers() async throws {
        let cluster = InMemoryCluster()
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var definition = NamespaceDefinition()
        // snippet.listen
        definition.onServerSide("reload") { _, ack in ack?.send(json: "true") }
        // snippet.end
        let other = SocketIOServer(
            group: group,
            namespaces: ["/": definition],
            adapter: { ClusterAdapter($0, driver: cluster) },
            logger: logger
        )
        // snippet.server
        let server = SocketIOServer(
            group: group,
            namespaces: ["/": definition],
            adapter: { ClusterAdapter($0, driver: cluster) },
            logger: logger
        )
        // snippet.ask
        let answers = try await server.of("/").serverSideEmitWithAck("reload")
        server.of("/").local.emit("here", json: "1")
        // snippet.end
        #expect(answers == [ByteBuffer(string: "true")])
        await server.shutdown()
        await other.shutdown()
    }
}
