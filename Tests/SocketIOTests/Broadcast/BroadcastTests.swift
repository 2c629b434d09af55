import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Rooms and broadcasts", .timeLimit(.minutes(1)))
struct BroadcastTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("join") { socket, arguments, ack in
            ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)")
        }
        namespace.on("leave") { socket, arguments, ack in
            ack?.send(json: "\(arguments.string(0).map { socket.leave($0) } ?? false)")
        }
        namespace.on("shout") { socket, arguments, ack in
            var broadcast = socket.broadcast
            if let room = arguments.string(0) { broadcast = broadcast.to(room) }
            broadcast.emit("shouted", json: "1")
            ack?.send(json: "")
        }
    }

    /// Runs `body` with four clients, two on each loop.
    private func withFour(_ body: (TestServer, [SocketIOClient]) async throws -> Void) async throws {
        try await TestServer.run(Self.define) { server in
            var clients: [SocketIOClient] = []
            for _ in 0..<4 { clients.append(try await server.connect()) }
            #expect(try await server.population().map(\.sockets) == [2, 2])
            try await body(server, clients)
            for client in clients { await client.disconnect() }
        }
    }

    private func join(_ client: SocketIOClient, _ rooms: String...) async throws {
        for room in rooms { #expect(try await client.ask("join", "\"\(room)\"") == "true") }
    }

    /// Expects of each client what it has got before a mark that is sent to all.
    private func expect(
        _ server: TestServer,
        _ clients: [SocketIOClient],
        _ expected: [[String]],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        server.server.of("/").emit("mark", json: "{}")
        var received: [[String]] = []
        for client in clients { received.append(try await client.events(before: "mark")) }
        #expect(received == expected, sourceLocation: sourceLocation)
    }

    @Test func whoIsInEitherOfTwoRoomsGetsItOnce() async throws {
        try await withFour { server, clients in
            try await join(clients[0], "a", "b")
            try await join(clients[1], "a")
            try await join(clients[2], "b")
            for loop in server.server.loops("/") {
                try await loop.eventLoop.submit {
                    loop.emit(OutgoingEvent("news", json: "1"), to: "a", or: "b")
                    loop.emit(OutgoingEvent("news", json: "2"), to: "b", or: "nobody's")
                }.get()
            }
            try await expect(server, clients, [["news 1", "news 2"], ["news 1"], ["news 1", "news 2"], []])
        }
    }

    @Test func withoutARoomEveryoneGetsIt() async throws {
        try await withFour { server, clients in
            server.server.of("/").emit("news", json: "1")
            try await expect(server, clients, [["news 1"], ["news 1"], ["news 1"], ["news 1"]])
            server.server.of("/nope").emit("news", json: "2")
            try await expect(server, clients, [[], [], [], []])
        }
    }

    @Test func aRoomReachesItsMembersOnBothLoops() async throws {
        try await withFour { server, clients in
            try await join(clients[0], "a")
            try await join(clients[1], "a")
            #expect(try await clients[0].ask("join", "\"a\"") == "false")
            server.server.of("/").to("a").emit("news", json: "1")
            try await expect(server, clients, [["news 1"], ["news 1"], [], []])
            #expect(try await clients[0].ask("leave", "\"a\"") == "true")
            #expect(try await clients[0].ask("leave", "\"a\"") == "false")
            server.server.of("/").to("a").emit("news", json: "2")
            try await expect(server, clients, [[], ["news 2"], [], []])
            #expect(try await clients[1].ask("leave", "\"a\"") == "true")
            #expect(try await server.population().map(\.rooms) == [0, 0])
        }
    }

    @Test func whoIsInSeveralOfTheRoomsGetsItOnce() async throws {
        try await withFour { server, clients in
            try await join(clients[0], "a", "b", "c")
            try await join(clients[1], "b")
            try await join(clients[2], "c")
            let broadcast = server.server.of("/").to("a").to("b").to(clients[0].session.id).to("nobody is here")
            for number in 0..<3 { broadcast.emit("news", json: "\(number)") }
            let all = ["news 0", "news 1", "news 2"]
            try await expect(server, clients, [all, all, [], []])
        }
    }

    @Test func exceptLeavesOut() async throws {
        try await withFour { server, clients in
            try await join(clients[0], "a")
            try await join(clients[1], "a", "b")
            try await join(clients[2], "b")
            server.server.of("/").to("a").except("b").emit("news", json: "1")
            server.server.of("/").except("a").emit("news", json: "2")
            server.server.of("/").except(clients[3].session.id).emit("news", json: "3")
            try await expect(server, clients, [["news 1", "news 3"], ["news 3"], ["news 2", "news 3"], ["news 2"]])
        }
    }

    @Test func aSocketsIDStandsForIt() async throws {
        try await withFour { server, clients in
            server.server.of("/").to(clients[2].session.id).emit("news", json: "1")
            server.server.of("/").to(clients[2].session.id).except(clients[2].session.id).emit("news", json: "2")
            try await expect(server, clients, [[], [], ["news 1"], []])
        }
    }

    @Test func aSocketsOwnBroadcastLeavesItOut() async throws {
        try await withFour { server, clients in
            try await join(clients[0], "a")
            try await join(clients[1], "a")
            _ = try await clients[0].ask("shout")
            #expect(try await clients[1].next() == "shouted 1")
            #expect(try await clients[2].next() == "shouted 1")
            #expect(try await clients[3].next() == "shouted 1")
            _ = try await clients[0].ask("shout", "\"a\"")
            #expect(try await clients[1].next() == "shouted 1")
            try await expect(server, clients, [[], [], [], []])
        }
    }

    @Test func broadcastsFromOnePlaceComeInOrder() async throws {
        try await withFour { server, clients in
            for client in clients { try await join(client, "a") }
            // Alternately by both ways, more than are written at once.
            for number in 0..<300 {
                let broadcast = number.isMultiple(of: 2) ? server.server.of("/").to("a") : server.server.of("/")
                broadcast.emit("news", json: "\(number)")
            }
            let all = (0..<300).map { "news \($0)" }
            try await expect(server, clients, [all, all, all, all])
        }
    }

    @Test func theLoopReachesItsOwnMembersOnly() async throws {
        try await withFour { server, clients in
            for client in clients { try await join(client, "a") }
            let loop = server.server.loops()[0]
            let ids = try await loop.eventLoop.submit {
                var ids: [String] = []
                loop.forEachSocket { ids.append($0.id) }
                loop.emit(OutgoingEvent("room", json: "1"), to: "a")
                loop.emit(OutgoingEvent("room", json: "2"), to: "b")
                loop.emitToAll(OutgoingEvent("all", json: "3"))
                return ids
            }.get()
            #expect(ids.count == 2)
            let expected = clients.map { ids.contains($0.session.id) ? ["room 1", "all 3"] : [] }
            try await expect(server, clients, expected)
        }
    }
}
