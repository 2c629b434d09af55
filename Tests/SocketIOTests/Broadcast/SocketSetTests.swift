import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Sets of sockets", .timeLimit(.minutes(1)))
struct SocketSetTests {
    private struct Order: Codable, Sendable {
        var pair: String
        var size: Int
    }

    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onAny { _, name, arguments in journal.write("\(name)/\(arguments.count)") }
        namespace.on("join") { socket, arguments, ack in
            ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)")
        }
        namespace.on("order", as: Order.self) { _, _, ack in
            ack?.send(json: "\"refused\",0")
        } _: { _, order, ack in
            ack?.send(json: "\"\(order.pair)\",\(order.size + 1)")
        }
    }

    @Test func theyJoinLeaveAndAreDescribed() async throws {
        try await TestServer.run(Self.define) { server in
            let (first, second) = (try await server.connect(), try await server.connect())
            #expect(try await first.ask("join", "\"a\"") == "true")
            let all = server.server.of("/")

            all.to("a").socketsJoin("b")
            #expect(Set(try await all.to("b").fetchSockets().map(\.id)) == [first.session.id])
            #expect(try await all.to("b").fetchSockets().first?.rooms == ["a", "b"])
            all.except("a").socketsJoin("b")
            #expect(Set(try await all.to("b").fetchSockets().map(\.id)) == [first.session.id, second.session.id])
            all.socketsLeave("a")
            #expect(try await all.to("a").fetchSockets().isEmpty)
            #expect(try await all.fetchSockets().count == 2)
            for client in [first, second] { await client.disconnect() }
        }
    }

    @Test func theyAreDisconnected() async throws {
        try await TestServer.run(Self.define) { server in
            let (first, second) = (try await server.connect(), try await server.connect())
            server.server.of("/").to(first.session.id).disconnectSockets()
            #expect(try await first.end() == .serverDisconnect)
            server.server.of("/").emit("mark", json: "1")
            #expect(try await second.next() == "mark 1")
            await second.disconnect()
        }
    }

    @Test func theirWholeConnectionsAreClosed() async throws {
        try await TestServer.run(namespaces: ["/", "/other"], Self.define) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: "40/other,")
            _ = try await socket.text()
            server.server.of("/other").disconnectSockets()
            #expect(try await socket.text() == "41/other,")
            try await socket.send(text: #"420["join","a"]"#)
            #expect(try await socket.text() == "430[true]")
            // Every namespace of the connection ends with it, so that none of the client's sockets comes back.
            try await socket.send(text: "40/other,")
            #expect(try await socket.text().hasPrefix("40/other,"))
            server.server.of("/").disconnectSockets(close: true)
            #expect(try await [socket.text(), socket.text()].sorted() == ["41", "41/other,"])
            #expect(try await socket.isClosed())
            #expect(try await server.isEmpty("/other"))
            #expect(try await server.isEmpty())
        }
    }

    @Test func answersOfAllAreGathered() async throws {
        try await TestServer.run(Self.define) { server in
            let clients = [try await server.connect(), try await server.connect()]
            async let answers = server.server.of("/").emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .seconds(30))
            for (index, client) in clients.enumerated() {
                let question = try await client.event("question", within: .seconds(30))
                try await client.ack(try #require(question.ackID), json: "\(index)")
            }
            #expect(Set(await answers.map { String(buffer: $0.joined) }) == ["0", "1"])
            for client in clients { await client.disconnect() }
        }
    }

    @Test func whoDoesNotAnswerIsMissing() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            let answers = await server.server.of("/").emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .milliseconds(50))
            #expect(answers.isEmpty)
            await client.disconnect()
        }
    }

    @Test func aVolatileEventReachesWhoCanTakeItAtOnce() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            server.server.of("/").volatile.emit("tick", json: "1")
            #expect(try await client.next() == "tick 1")
            await client.disconnect()
        }
    }

    @Test func aVolatileEventIsNotKeptForWhoCannotTakeIt() async throws {
        try await TestServer.run {
            $0.engine.maxQueuedBytes = 64 << 20
            $0.engine.maxQueuedAge = .seconds(60)
        } _: {
            Self.define(&$0, $1)
        } _: { server in
            let slow = try await server.connectedWebSocket()
            try await slow.setReading(false)
            let all = server.server.of("/")
            let filler = OutgoingEvent("fill", json: "{\"x\":\"\(String(repeating: "x", count: 100_000))\"}")
            // More than the kernel's buffers take.
            for _ in 0..<200 { all.emit(filler) }
            all.volatile.emit("tick", json: "1")
            all.emit("mark", json: "1")
            try await slow.setReading(true)
            var names: Set<String> = []
            while !names.contains("mark") {
                let text = try await slow.receiveText(within: .seconds(30))
                names.insert(String(text.dropFirst(4).prefix { $0 != "\"" }))
            }
            #expect(names == ["fill", "mark"])
            await slow.abort()
        }
    }

    @Test func argumentsAreDecodedAndWrongOnesRefused() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            #expect(try await client.ask("order", #"{"pair":"BTC-USDC","size":2}"#) == #""BTC-USDC",3"#)
            #expect(try await client.ask("order", #"{"pair":"BTC-USDC","size":"2"}"#) == #""refused",0"#)
            #expect(try await client.ask("order", "") == #""refused",0"#)
            await client.disconnect()
        }
    }

    @Test func listenersSeeEveryEvent() async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await server.connect()
            try await client.emit("unknown", json: "1,2,3")
            try await client.emit("order", json: "{}")
            #expect(try await server.journal.next() == "unknown/3")
            #expect(try await server.journal.next() == "order/1")
            await client.disconnect()
        }
    }
}
