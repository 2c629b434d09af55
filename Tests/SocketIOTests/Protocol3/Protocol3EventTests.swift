import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Engine.IO 3: events", .timeLimit(.minutes(1)))
struct Protocol3EventTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onConnect { $0.join("all") }
        namespace.on("echo") { socket, arguments, ack in
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
            socket.emit(OutgoingEvent("echoed", json: arguments.joined, attachments: arguments.attachments))
        }
        namespace.on("leave") { socket, _, _ in socket.disconnect() }
        namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
    }

    private func run(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run({ $0.engine.allowEIO3 = true }, Self.define, body)
    }

    /// A WebSocket of Engine.IO 3 that is in `/`.
    private func connect(_ server: TestServer, _ parameters: String = "") async throws -> RawWebSocket {
        let (socket, _) = try await server.webSocket3(parameters)
        #expect(try await socket.text() == "40")
        return socket
    }

    private func next(_ socket: RawWebSocket) async throws -> WebSocketMessage? { try await socket.receive(within: .seconds(30)) }

    @Test func eventsAndAcks() async throws {
        try await run { server in
            let socket = try await connect(server)
            try await socket.send(text: #"421["echo",{"a":"é😀"},null]"#)
            #expect(try await socket.text() == #"431[{"a":"é😀"},null]"#)
            #expect(try await socket.text() == #"42["echoed",{"a":"é😀"},null]"#)
            await socket.abort()
        }
    }

    @Test func binaryEventsAndAcks() async throws {
        try await run { server in
            let placeholder = #"{"_placeholder":true,"num":0}"#
            for (parameters, attachment) in [
                ("", WebSocketMessage.binary(ByteBuffer(bytes: [4, 1, 2, 3]))), ("&b64=1", .text(ByteBuffer(string: "b4AQID"))),
            ] {
                let socket = try await connect(server, parameters)
                try await socket.send(text: "451-1[\"echo\",\(placeholder)]")
                try await socket.send(binary: ByteBuffer(bytes: [4, 1, 2, 3]))
                #expect(try await socket.text() == "461-1[\(placeholder)]")
                #expect(try await next(socket) == attachment)
                #expect(try await socket.text() == "451-[\"echoed\",\(placeholder)]")
                #expect(try await next(socket) == attachment)
                await socket.abort()
            }
        }
    }

    /// One broadcast, encoded once for each form: everybody reads the same event.
    @Test func membersOfBothProtocolsInOneRoom() async throws {
        try await run { server in
            let old = try await connect(server)
            let base64 = try await connect(server, "&b64=1")
            let older = try await connect(server)
            let modern = try await server.connectedWebSocket()
            let poller = try await Poller3.open(server.port)
            let base64Poller = try await Poller3.open(server.port, "&b64=1")
            let script = try await Poller3.open(server.port, "&j=5")
            #expect(poller.greeting == "2:40")
            try await server.everybodyIsIn("all", 7)

            let bytes = ByteBuffer(bytes: [1, 2, 3])
            let text = OutgoingEvent("price", json: #"{"p":"1.10 €"}"#)
            let binary = OutgoingEvent("blob", json: ByteBuffer(string: #"{"_placeholder":true,"num":0}"#), attachments: [bytes])
            for event in [text, binary, text] { server.server.of("/").to("all").emit(event) }

            let price = #"42["price",{"p":"1.10 €"}]"#
            let blob = #"451-["blob",{"_placeholder":true,"num":0}]"#
            for (socket, attachment) in [
                (modern, WebSocketMessage.binary(bytes)), (old, .binary(ByteBuffer(bytes: [4, 1, 2, 3]))),
                (older, .binary(ByteBuffer(bytes: [4, 1, 2, 3]))), (base64, .text(ByteBuffer(string: "b4AQID"))),
            ] {
                #expect(try await socket.text() == price)
                #expect(try await socket.text() == blob)
                #expect(try await next(socket) == attachment)
                #expect(try await socket.text() == price)
                await socket.abort()
            }
            // Both loops have sent by now, and what they sent waits for the polls.
            let lengths = (price: price.utf16.count, blob: blob.utf16.count)
            let payload = "\(lengths.price):\(price)\(lengths.blob):\(blob)6:b4AQID\(lengths.price):\(price)"
            #expect(try await base64Poller.poll() == ByteBuffer(string: payload))
            let escaped = payload.replacing("\"", with: "\\\"")
            #expect(try await script.poll() == ByteBuffer(string: "___eio[5](\"\(escaped)\");"))
            // The lengths of a binary payload are bytes, one decimal digit each.
            var expected = ByteBuffer()
            for part in [price, blob, "", price] {
                let packet = part.isEmpty ? [4, 1, 2, 3] : Array(part.utf8)
                expected.writeBytes([part.isEmpty ? 1 : 0] + String(packet.count).utf8.map { $0 - 48 } + [255] + packet)
            }
            #expect(try await poller.poll() == expected)
        }
    }

    @Test func theServerDisconnects() async throws {
        try await run { server in
            let socket = try await connect(server)
            try await socket.send(text: #"42["leave"]"#)
            #expect(try await socket.text() == "41")
            #expect(try await server.journal.next() == "server namespace disconnect")
            // It may ask for the root again.
            try await socket.send(text: "40")
            #expect(try await socket.text() == "40")
            try await socket.send(text: "41")
            #expect(try await server.journal.next() == "client namespace disconnect")
            await socket.abort()
        }
    }

    @Test(arguments: ["40", #"42/admin,["echo"]"#, "42{}", "45", "44", #"42["connect"]"#])
    func whatHasNoPlaceEndsTheConnection(_ packet: String) async throws {
        try await run { server in
            let socket = try await connect(server)
            try await socket.send(text: packet)
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
        }
    }

    @Test func aClientThatGoesAwayLeavesNothing() async throws {
        try await run { server in
            let socket = try await connect(server)
            await socket.abort()
            #expect(try await server.journal.next() == "transport close")
            let isEmpty = try await server.isEmpty()
            #expect(isEmpty)
        }
    }
}

extension TestServer {
    /// Waits until `room` has `count` members.
    fileprivate func everybodyIsIn(_ room: String, _ count: Int) async throws {
        for _ in 0..<1000 {
            if try await server.of("/").to(room).fetchSockets().count == count { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not \(count) in \(room)")
    }
}
