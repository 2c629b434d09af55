import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Connection state recovery: the wire", .timeLimit(.minutes(1)))
struct RecoveryWireTests {
    /// What a packet says, with ids replaced: `pid` and `sid` by those words, offsets by their positions.
    private func masked(_ text: String) -> String {
        text.replacing(#/"(sid|pid)":"[A-Za-z0-9_-]+"/#) { "\"\($0.output.1)\":…" }
            .replacing(#/"[A-Za-z0-9_-]{8}\.([0-9a-z]+)"\]/#) { "@\($0.output.1)]" }
    }

    @Test func connectCarriesAPrivateIDAndEventsAnOffset() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.onConnect { $0.emit("hello", json: "1,[2]") }
            namespace.on("none") { socket, _, _ in socket.emit(OutgoingEvent("nothing", json: ByteBuffer())) }
            namespace.on("bytes") { socket, arguments, _ in
                socket.emit(OutgoingEvent("bytes", json: arguments.joined, attachments: arguments.attachments))
            }
        } _: { server in
            let socket = try await server.webSocket()
            try await socket.send(text: "40")
            #expect(masked(try await socket.text()) == #"40{"sid":…,"pid":…}"#)
            #expect(masked(try await socket.text()) == #"42["hello",1,[2],@1]"#)
            server.server.of("/").emit("all", json: "{}")
            #expect(masked(try await socket.text()) == #"42["all",{},@2]"#)
            try await socket.send(text: #"42["none"]"#)
            #expect(masked(try await socket.text()) == #"42["nothing",@3]"#)
            try await socket.send(text: #"451-["bytes",{"_placeholder":true,"num":0}]"#)
            try await socket.send(binary: ByteBuffer(bytes: [1, 2]))
            #expect(masked(try await socket.text()) == #"451-["bytes",{"_placeholder":true,"num":0},@4]"#)
            #expect(try await socket.receive(within: .seconds(30)) == .binary(ByteBuffer(bytes: [1, 2])))
            await socket.abort()
        }
    }

    @Test func whatCannotBeRecoveredHasNoOffset() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.on("go") { socket, _, ack in
                var latest = OutgoingEvent("latest", json: "1")
                latest.isRecoverable = false
                socket.emit(latest)
                socket.emitVolatile(OutgoingEvent("volatile", json: "2"))
                ack?.send(json: "")
            }
        } _: { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: #"421["go"]"#)
            #expect(try await socket.text() == #"42["latest",1]"#)
            #expect(try await socket.text() == #"42["volatile",2]"#)
            #expect(try await socket.text() == "431[]")
            var latest = OutgoingEvent("latest", json: "3")
            latest.isRecoverable = false
            server.server.of("/").emit(latest)
            #expect(try await socket.text() == #"42["latest",3]"#)
            server.server.of("/").volatile.emit("volatile", json: "4")
            #expect(try await socket.text() == #"42["volatile",4]"#)
            async let answers = server.server.of("/").emitWithAck("question", json: ByteBuffer(string: "5"), timeout: .seconds(30))
            #expect(try await socket.text() == #"420["question",5]"#)
            try await socket.send(text: "430[6]")
            #expect(await answers.count == 1)
            #expect(server.server.recoveryStatistics()?.loggedEvents == 0)
            await socket.abort()
        }
    }

    @Test func withoutRecoveryNothingOfItIsOnTheWire() async throws {
        try await TestServer.run { namespace, _ in
            namespace.onConnect { $0.emit("hello", json: "1") }
        } _: { server in
            let socket = try await server.webSocket()
            try await socket.send(text: #"40{"pid":"\#(String(repeating: "A", count: 24))","offset":"x.1"}"#)
            #expect(masked(try await socket.text()) == #"40{"sid":…}"#)
            #expect(try await socket.text() == #"42["hello",1]"#)
            #expect(server.server.recoveryStatistics() == nil)
            await socket.abort()
        }
    }

    /// The same bytes for everyone: an event is logged and encoded once however many get it.
    @Test func anEventHasTheSameOffsetForAll() async throws {
        try await TestServer.runRecovering { server in
            var clients: [SocketIOClient] = []
            for _ in 0..<4 { clients.append(try await server.connect()) }
            server.server.of("/").emit("news", json: "1")
            var offsets: Set<RecoveryOffset?> = []
            for client in clients { offsets.insert(try await client.event("news", within: .seconds(30)).offset) }
            #expect(offsets.count == 1)
            #expect(offsets.first??.position == 1)
            #expect(server.server.recoveryStatistics()?.loggedEvents == 1)
            for client in clients { await client.disconnect() }
        }
    }

    @Test func connectComesFirstThenWhatWasMissed() async throws {
        try await TestServer.runRecovering({ _ in }, namespaces: ["/", "/chat"]) { namespace, _ in
            namespace.onConnect { $0.emit("state", json: "\($0.recovered)") }
        } _: { server in
            let client = try await server.connect(namespace: "/chat")
            #expect(try await client.nextRecoverable() == "state false")
            let recovery = try await server.lose(client)
            server.server.of("/chat").emit("missed", json: "1")
            let socket = try await server.webSocket()
            try await socket.send(text: #"40/chat,{"pid":"\#(recovery.pid)","offset":"\#(recovery.offset ?? "")"}"#)
            let answer = try await socket.text()
            #expect(answer == #"40/chat,{"sid":"\#(client.session.id)","pid":"\#(recovery.pid)"}"#)
            #expect(masked(try await socket.text()) == #"42/chat,["missed",1,@2]"#)
            #expect(masked(try await socket.text()) == #"42/chat,["state",true,@3]"#)
            await socket.abort()
        }
    }
}
