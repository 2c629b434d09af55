import JSONScan
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Connection state recovery”.
@Suite("Snippets: recovery", .timeLimit(.minutes(1)))
struct RecoverySnippets {
    @Test func recovery() async throws {
        var definition = NamespaceDefinition()
        definition.use { $0.data = $0.auth?.string("name") }
        // snippet.configure
        var configuration = SocketIOConfiguration()
        configuration.recovery = RecoveryConfiguration()
        configuration.recovery?.window = .seconds(60)
        definition.onSave { socket in socket.data }
        definition.onRestore { session, request in
            guard session.data as? String == request.data as? String else { return nil }
            return RestoredState(rooms: session.rooms.filter { $0 != "secret" }, data: request.data)
        }
        // snippet.end
        let memory = try await InMemoryServer(configuration: configuration, namespaces: ["/": definition])
        let server = memory.server
        let client = try await memory.connect(auth: #"{"name":"alice"}"#)
        let pid = try #require(await client.pid)
        await client.drop()
        server.of("/").emit("missed", json: "1")
        // snippet.stale
        var price = OutgoingEvent("price", json: "{\"bid\":\"100.5\"}")
        price.isRecoverable = false
        server.of("/").emit(price)
        // snippet.end
        let stranger = try await memory.connect(auth: #"{"name":"mallory","pid":"\#(pid)"}"#)
        #expect(await stranger.pid != pid)
        let again = try await memory.connect(auth: #"{"name":"alice","pid":"\#(pid)"}"#)
        // Whoever asks in vain has not used the session up.
        #expect(await again.id == client.id)
        #expect(try await again.next().name == "missed")
        server.of("/").emit("last", json: "1")
        #expect(try await again.next().name == "last")
        // The window is over.
        await again.drop()
        await memory.advanceTime(by: .seconds(61))
        #expect(try await memory.connect(auth: #"{"name":"alice","pid":"\#(pid)"}"#).pid != pid)
        try await memory.shutdown()
    }
}
