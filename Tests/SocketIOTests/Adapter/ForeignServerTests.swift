import EngineIO
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import SocketIOCore
import Synchronization
import Testing

/// What servers of others are answered, Node's above all.
@Suite("What other servers are answered", .timeLimit(.minutes(1)))
struct ForeignServerTests {
    /// Another server that asks, and what it is answered.
    private final class Asker: ClusterDriver {
        let answers: AsyncStream<ClusterMessage.Body>
        private let continuation: AsyncStream<ClusterMessage.Body>.Continuation
        private let receive = Mutex<(@Sendable (ClusterMessage) -> Void)?>(nil)

        init() { (answers, continuation) = AsyncStream.makeStream() }

        func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
            self.receive.withLock { $0 = receive }
        }
        func leave(_ namespace: String, as server: String) {}
        func publish(_ message: ClusterMessage) {}
        func respond(_ message: ClusterMessage, to server: String) { if server == "asker" { continuation.yield(message.body) } }

        func ask(_ body: ClusterMessage.Body) {
            receive.withLock { $0 }?(ClusterMessage(sender: "asker", namespace: "/", body: body))
        }
    }

    private static func run(_ body: (Asker, SocketIOServer, SocketIOClient) async throws -> Void) async throws {
        let asker = Asker()
        let server = SocketIOServer(
            group: MultiThreadedEventLoopGroup.singleton,
            namespaces: ["/": NamespaceDefinition()],
            adapter: { ClusterAdapter($0, driver: asker) },
            logger: Logger(label: "test")
        )
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        let client = try await SocketIOClient.connect(url: "http://127.0.0.1:\(listener.address?.port ?? 0)")
        try await body(asker, server, client)
        await client.disconnect()
        await listener.close()
        await server.shutdown()
    }

    @Test func aSocketsIDIsOneOfItsRooms() async throws {
        try await Self.run { asker, server, client in
            server.of("/").socketsJoin("r")
            asker.ask(.fetchSockets(ClusterOptions(), requestID: "q"))
            let id = client.session.id
            let socket = ClusterSocket(id: id, rooms: [id, "r"], data: ByteBuffer(string: "{}"))
            #expect(await asker.answers.first { _ in true } == .fetchSocketsResponse(requestID: "q", sockets: [socket]))
        }
    }

    @Test func bytesThatAClientAnswersArePassedOn() async throws {
        try await Self.run { asker, _, client in
            var options = ClusterOptions()
            options.timeout = .seconds(30)
            asker.ask(.broadcast(ClusterEvent("question", arguments: ByteBuffer()), options, requestID: "q"))
            let id = try #require(try await client.event("question", within: .seconds(30)).ackID)
            let (blob, answer) = (ByteBuffer(bytes: [0, 255]), #"{"deep":{"_placeholder":true,"num":0}}"#)
            try await client.ack(id, json: "\(answer),1", attachments: [blob])
            var answers = asker.answers.makeAsyncIterator()
            #expect(await answers.next() == .broadcastClientCount(requestID: "q", count: 1))
            #expect(await answers.next() == .broadcastAck(requestID: "q", answer: ByteBuffer(string: answer), attachments: [blob]))
        }
    }
}
