import EngineIO
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import SocketIOCore
import Synchronization
import Testing

/// Drivers that listen for the rooms that have members, such as that of sharded channels.
@Suite("Followed rooms", .timeLimit(.minutes(1)))
struct FollowedRoomsTests {
    /// Notes the rooms that it is told of: `+news`, `-news`.
    private final class RecordingDriver: ClusterDriver {
        let notes = Journal()
        let followsRooms = true

        func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {}
        func leave(_ namespace: String, as server: String) {}
        func publish(_ message: ClusterMessage) {}
        func respond(_ message: ClusterMessage, to server: String) {}
        func room(_ room: String, of namespace: String, hasMembers: Bool) {
            // A socket's own room is told of too.
            if room.utf8.count < 20 { notes.write("\(hasMembers ? "+" : "-")\(room) \(namespace)") }
        }
    }

    /// The adapter of a dynamic namespace is made for its first client, which is in its rooms at once.
    @Test func theRoomsOfADynamicNamespacesFirstClientAreFollowed() async throws {
        let driver = RecordingDriver()
        var definition = NamespaceDefinition()
        definition.onConnect { $0.join("lobby") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = SocketIOServer(
            group: group,
            namespaces: [:],
            dynamicNamespaces: [DynamicNamespace(definition) { $0.hasPrefix("/market-") }],
            adapter: { ClusterAdapter($0, driver: driver) },
            logger: Logger(label: "test")
        )
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        let url = "http://127.0.0.1:\(listener.address?.port ?? 0)"
        for _ in 0..<2 {
            let client = try await SocketIOClient.connect(url: url, namespace: "/market-a")
            #expect(try await driver.notes.next() == "+lobby /market-a")
            await client.disconnect()
            #expect(try await driver.notes.next() == "-lobby /market-a")
        }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
    }
}
