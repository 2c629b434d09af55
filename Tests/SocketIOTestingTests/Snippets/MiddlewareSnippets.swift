import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

private struct NotAllowed: Error {}

private struct Users: Sendable {
    func find(_ token: String) async -> String? { token == "good" ? "alice" : nil }
}

/// The code of the article “Middleware”.
@Suite("Snippets: middleware", .timeLimit(.minutes(1)))
struct MiddlewareSnippets {
    @Test func middleware() async throws {
        let users = Users()
        var definition = NamespaceDefinition()
        // snippet.connect
        definition.use { request in
            guard let token = request.auth?.string("token"), let user = await users.find(token) else {
                throw ConnectError(message: "401 who are you", data: "{\"code\":\"AUTH_FAILED\"}")
            }
            request.data = user
        }
        // snippet.events
        definition.useForEvents { socket, event in
            guard event.name != "admin" || socket.data as? String == "alice" else { throw NotAllowed() }
        }
        definition.onEventError { _, event, error in
            event.ack?.send(json: "{\"error\":\"\(error)\"}")
        }
        // snippet.end
        definition.on("admin") { _, _, ack in ack?.send(json: "\"done\"") }
        definition.on("become nobody") { socket, _, ack in
            socket.data = "nobody"
            ack?.send(json: "")
        }
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        await #expect(throws: InMemoryClientError.self) { _ = try await memory.connect(auth: #"{"token":"bad"}"#) }
        let client = try await memory.connect(auth: #"{"token":"good"}"#)
        #expect(try await client.emitWithAck("admin").string(0) == "done")
        _ = try await client.emitWithAck("become nobody")
        #expect(try await client.emitWithAck("admin").json(0) == ByteBuffer(string: #"{"error":"NotAllowed()"}"#))
        try await memory.shutdown()
    }
}
