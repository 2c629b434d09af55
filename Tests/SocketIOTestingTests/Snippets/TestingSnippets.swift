import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Testing a server”.
@Suite("Snippets: testing", .timeLimit(.minutes(1)))
struct TestingSnippets {
    @Test func testing() async throws {
        var chat = NamespaceDefinition()
        chat.on("message") { socket, arguments, ack in
            guard let message = arguments.json(0) else { return }
            socket.broadcast.emit(OutgoingEvent("message", json: message))
            ack?.send(json: "true")
        }
        // snippet.test
        let server = try await InMemoryServer(namespaces: ["/": chat])
        let (alice, bob) = (try await server.connect(), try await server.connect())
        #expect(try await alice.emitWithAck("message", json: "\"hello\"").json(0) == ByteBuffer(string: "true"))
        #expect(try await bob.next().json == "\"hello\"")
        await server.advanceTime(by: .seconds(3_600))
        try await server.shutdown()
        // snippet.end
    }
}
