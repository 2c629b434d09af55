import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Rooms and broadcasts”.
@Suite("Snippets: rooms", .timeLimit(.minutes(1)))
struct RoomSnippets {
    @Test func rooms() async throws {
        // snippet.handlers
        var definition = NamespaceDefinition()
        definition.on("join") { socket, arguments, ack in
            guard let room = arguments.string(0) else { return }
            socket.join(room)
            socket.broadcast.to(room).emit("joined", json: "{\"id\":\"\(socket.id)\"}")
            ack?.send(json: "true")
        }
        definition.onDisconnecting { socket, reason in
            for room in socket.rooms { socket.broadcast.to(room).emit("left", json: "{\"id\":\"\(socket.id)\"}") }
        }
        // snippet.end
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        let (alice, bob) = (try await memory.connect(), try await memory.connect())
        _ = try await alice.emitWithAck("join", json: "\"news\"")
        _ = try await bob.emitWithAck("join", json: "\"news\"")
        #expect(try await alice.next().json == "{\"id\":\"\(await bob.id)\"}")
        let server = memory.server
        // snippet.outside
        let all = server.of("/")
        all.to(["news", "sport"]).except("muted").emit("headline", json: "{\"text\":\"…\"}")
        all.to("news").volatile.emit("ticker", json: "1")
        let sockets = try await all.to("news").fetchSockets()
        all.to("news").socketsJoin("archive")
        all.to("archive").disconnectSockets()
        // snippet.end
        #expect(sockets.count == 2)
        #expect(try await alice.next().json == "{\"text\":\"…\"}")
        #expect(try await alice.next().name == "ticker")
        // Who is in no namespace any more is closed after a while.
        await memory.advanceTime(by: .seconds(46))
        try await alice.waitUntilClosed()
        #expect(await alice.isDisconnected)
        await bob.drop()
        try await memory.shutdown()
    }
}
