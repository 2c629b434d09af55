import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("The end of a socket", .timeLimit(.minutes(1)))
struct DisconnectTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("join") { socket, arguments, ack in
            if let room = arguments.string(0) { socket.join(room) }
            ack?.send(json: "")
        }
        namespace.on("kick me") { socket, _, _ in socket.disconnect() }
        namespace.on("hang up") { socket, _, _ in socket.closeTransport() }
        namespace.onDisconnect { socket, reason, rooms in
            journal.write("\(reason.text), was in \(rooms.sorted()), is in \(socket.rooms), \(socket.join("late"))")
        }
    }

    @Test func byTheClient() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            for room in ["b", "a", "a"] { _ = try await client.ask("join", "\"\(room)\"") }
            await client.disconnect()
            #expect(try await server.journal.next() == #"client namespace disconnect, was in ["a", "b"], is in [], false"#)
            #expect(try await server.isEmpty())
        }
    }

    @Test func byTheServerWithAPacketOrWithout() async throws {
        try await TestServer.run(Self.define) { server in
            let kicked = try await server.connect()
            try await kicked.emit("kick me")
            #expect(try await kicked.end() == .serverDisconnect)
            #expect(try await server.journal.next() == "server namespace disconnect, was in [], is in [], false")
            let hungUp = try await server.connect()
            try await hungUp.emit("hang up")
            #expect(try await hungUp.end() == .transportClose)
            #expect(try await server.journal.next() == "forced close, was in [], is in [], false")
            #expect(try await server.isEmpty())
        }
    }

    @Test func byALostConnection() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            _ = try await client.ask("join", "\"a\"")
            await client.abort()
            #expect(try await server.journal.next().hasSuffix(#", was in ["a"], is in [], false"#))
            #expect(try await server.isEmpty())
        }
    }

    @Test func byASilentClient() async throws {
        try await TestServer.run {
            $0.engine.pingInterval = .seconds(3)
            $0.engine.pingTimeout = .milliseconds(100)
        } _: {
            Self.define(&$0, $1)
        } _: { server in
            let socket = try await server.connectedWebSocket()
            #expect(try await socket.text() == "2")
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "ping timeout, was in [], is in [], false")
        }
    }

    @Test func ofOneNamespaceLeavesTheOther() async throws {
        try await TestServer.run(namespaces: ["/", "/b"], { _ in }, Self.define) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: "40/b,")
            #expect(try await socket.text().hasPrefix("40/b,"))
            try await socket.send(text: "41")
            #expect(try await server.journal.next().hasPrefix("client namespace disconnect"))
            try await socket.send(text: #"42/b,1["join","a"]"#)
            #expect(try await socket.text() == "43/b,1[]")
            #expect(try await server.isEmpty("/"))
            #expect(try await server.population("/b").map(\.rooms).reduce(0, +) == 1)
            // And the one left may be entered anew, with another id.
            try await socket.send(text: "40")
            #expect(try await socket.text().hasPrefix("40{"))
            await socket.abort()
            #expect(try await server.journal.next().contains("was in"))
            #expect(try await server.journal.next().contains("was in"))
            #expect(try await server.isEmpty("/b"))
        }
    }

    /// With and without the comma after the namespace.
    @Test(arguments: ["41/b,", "41/b"])
    func ofACustomNamespaceLeavesTheMainOne(_ packet: String) async throws {
        try await TestServer.run(namespaces: ["/", "/b"], { _ in }, Self.define) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: "40/b")
            #expect(try await socket.text().hasPrefix("40/b,"))
            try await socket.send(text: packet)
            try await socket.send(text: #"421["join","a"]"#)
            #expect(try await socket.text() == "431[]")
            #expect(try await server.isEmpty("/b"))
            await socket.abort()
        }
    }

    @Test func ofTheServerClosesAll() async throws {
        try await TestServer.run(Self.define) { server in
            var clients: [SocketIOClient] = []
            for _ in 0..<6 { clients.append(try await server.connect()) }
            for client in clients { _ = try await client.ask("join", "\"a\"") }
            let silent = try await server.webSocket()
            await server.server.shutdown()
            for client in clients { #expect(try await client.end() == .transportClose) }
            for _ in clients {
                #expect(try await server.journal.next() == #"server shutting down, was in ["a"], is in [], false"#)
            }
            #expect(try await silent.isClosed())
            #expect(try await server.isEmpty())
        }
    }
}
