import EngineIOCore
import JSONScan
import MessagePack
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

/// The parser `msgpack`, with the client of this package over both transports, and on the wire.
@Suite("Clients that speak MessagePack", .timeLimit(.minutes(1)))
struct MessagePackTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            guard request.auth?.string("token") != "bad" else { throw ConnectError(message: "no", data: #"{"code":"AUTH_FAILED"}"#) }
        }
        namespace.on("echo") { socket, arguments, ack in
            socket.emit(OutgoingEvent("echo", json: arguments.joined, attachments: arguments.attachments, namespace: socket.namespace))
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
        }
        namespace.on("join") { socket, _, ack in
            socket.join("room")
            ack?.send(json: "")
        }
        namespace.on("ask") { socket, _, _ in
            Task {
                let answer = try? await socket.emitWithAck("question", json: ByteBuffer(string: "42"), timeout: .seconds(60))
                journal.write("answered \(answer.map { String(buffer: $0.joined) } ?? "nothing")")
            }
        }
        namespace.on("bye") { socket, _, _ in socket.disconnect() }
        namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
    }

    private static func run(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(namespaces: ["/", "/other"], { $0.parser = .msgpack }, define, body)
    }

    private func connect(
        _ server: TestServer,
        _ transport: TransportKind = .websocket,
        auth: String? = nil,
        namespace: String = "/"
    ) async throws -> SocketIOClient {
        var options = SocketIOClientOptions()
        options.parser = .msgpack
        return try await SocketIOClient.connect(url: server.url, auth: auth, transport: transport, namespace: namespace, options: options)
    }

    private func packed(_ json: String) throws -> ByteBuffer {
        var writer = MessagePackWriter()
        try writer.write(json: Array(json.utf8).span)
        return ByteBuffer(bytes: writer.bytes)
    }

    /// The next message as JSON text; it must be binary.
    private func json(_ socket: RawWebSocket) async throws -> String {
        guard case .binary(let bytes)? = try await socket.receive(within: .seconds(30)) else { return "not binary" }
        return String(decoding: try MessagePackValue(Array(bytes.readableBytesView)).json(), as: UTF8.self)
    }

    @Test(arguments: [TransportKind.websocket, .polling], ["/", "/other"])
    func eventsAcksAndBinaryDataGoBothWays(_ transport: TransportKind, _ namespace: String) async throws {
        try await Self.run { server in
            let client = try await connect(server, transport, auth: #"{"token":"good"}"#, namespace: namespace)
            #expect(client.session.id.count == 20)
            #expect(
                try await client.ask("echo", #"1,{"a":[true,null,"é",18446744073709551615,0.5]}"#)
                    == #"1,{"a":[true,null,"é",18446744073709551615,0.5]}"#
            )
            #expect(try await client.next() == #"echo 1,{"a":[true,null,"é",18446744073709551615,0.5]}"#)

            let attachments = [ByteBuffer(bytes: [0, 255]), ByteBuffer(repeating: 7, count: 70_000)]
            let json = #"{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}"#
            let answer = try await client.emitWithAck("echo", json: json, attachments: attachments, timeout: .seconds(30))
            #expect(String(buffer: answer.joined) == json)
            #expect(answer.attachments == attachments)
            let event = try await client.event("echo", within: .seconds(30))
            #expect(event.arguments.binary(0) == attachments[0])
            #expect(event.arguments.attachments == attachments)

            try await client.emit("ask")
            let question = try await client.event("question", within: .seconds(30))
            try await client.ack(try #require(question.ackID), json: "true,null")
            #expect(try await server.journal.next() == "answered true,null")

            await client.disconnect()
            #expect(try await server.journal.next() == "client namespace disconnect")
        }
    }

    @Test func aBroadcastReachesEveryLoopInOneForm() async throws {
        try await Self.run { server in
            var clients: [SocketIOClient] = []
            for number in 0..<6 { clients.append(try await connect(server, number % 2 == 0 ? .websocket : .polling)) }
            for client in clients { _ = try await client.ask("join") }
            server.server.of("/").to("room").emit("news", json: #"{"price":"105433.60000"}"#)
            let binary = OutgoingEvent(
                "binary",
                json: ByteBuffer(string: #"{"_placeholder":true,"num":0}"#),
                attachments: [ByteBuffer(bytes: [9])]
            )
            server.server.of("/").emit(binary)
            for client in clients {
                #expect(try await client.next() == #"news {"price":"105433.60000"}"#)
                #expect(try await client.event("binary", within: .seconds(30)).arguments.binary(0) == ByteBuffer(bytes: [9]))
                await client.abort()
            }
        }
    }

    @Test func refusalsAndDisconnectsAreRead() async throws {
        try await Self.run { server in
            let refused = await #expect(throws: SocketIOConnectError.self) { try await connect(server, auth: #"{"token":"bad"}"#) }
            #expect(refused?.json == #"{"message":"no","data":{"code":"AUTH_FAILED"}}"#)
            let invalid = await #expect(throws: SocketIOConnectError.self) { try await connect(server, namespace: "/nope") }
            #expect(invalid?.message == "Invalid namespace")
            let client = try await connect(server)
            try await client.emit("bye")
            #expect(try await client.end() == .serverDisconnect)
        }
    }

    @Test func onTheWire() async throws {
        try await Self.run { server in
            let socket = try await server.webSocket()
            try await socket.send(binary: packed(#"{"type":0,"nsp":"/"}"#))
            let connected = try await json(socket)
            #expect(connected.hasPrefix(#"{"type":0,"data":{"sid":""#) && connected.hasSuffix(#""},"nsp":"/"}"#))
            try await socket.send(binary: packed(#"{"type":2,"data":["echo",1],"options":{"compress":true},"nsp":"/","id":0}"#))
            #expect(try await json(socket) == #"{"type":2,"data":["echo",1],"nsp":"/"}"#)
            #expect(try await json(socket) == #"{"type":3,"data":[1],"nsp":"/","id":0}"#)
            try await socket.send(binary: packed(#"{"type":2,"data":["bye"],"nsp":"/"}"#))
            #expect(try await json(socket) == #"{"type":1,"nsp":"/"}"#)
            await socket.abort()
        }
    }

    @Test func aPlaceholderWithoutBinaryDataIsAnObject() async throws {
        try await Self.run { server in
            let socket = try await server.webSocket()
            try await socket.send(binary: packed(#"{"type":0,"nsp":"/"}"#))
            _ = try await json(socket)
            try await socket.send(binary: packed(#"{"type":2,"data":["echo",{"_placeholder":true,"num":5}],"nsp":"/"}"#))
            #expect(try await json(socket) == #"{"type":2,"data":["echo",{"_placeholder":true,"num":5}],"nsp":"/"}"#)
            await socket.abort()
        }
    }

    @Test(arguments: [
        #"{"type":5,"data":["echo"],"nsp":"/"}"#, #"{"type":2,"data":"echo","nsp":"/"}"#, #"{"type":2,"data":["echo"]}"#,
        #"{"type":2,"data":["echo"],"nsp":"/","id":-1}"#, #"{"type":2,"data":["disconnect"],"nsp":"/"}"#,
        #"{"type":2,"data":[],"nsp":"/"}"#,
        #"{"type":0,"nsp":"/"}"#, #"{"type":2,"data":["echo"],"nsp":"/other"}"#, #"{"type":4,"data":{"message":"x"},"nsp":"/"}"#, "[]", "2",
    ])
    func theseEndTheConnection(_ packet: String) async throws {
        try await Self.run { server in
            let socket = try await server.webSocket()
            try await socket.send(binary: packed(#"{"type":0,"nsp":"/"}"#))
            _ = try await json(socket)
            try await socket.send(binary: packed(packet))
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
            #expect(try await server.isEmpty())
        }
    }

    @Test(arguments: ["40", #"42["echo"]"#]) func textEndsIt(_ text: String) async throws {
        try await Self.run { server in
            let socket = try await server.webSocket()
            try await socket.send(text: text)
            #expect(try await socket.isClosed())
        }
    }

    /// Who speaks the other form is refused, not misread.
    @Test func theOtherFormIsRefusedByAServerOfText() async throws {
        try await TestServer.run(Self.define) { server in
            let socket = try await server.webSocket()
            try await socket.send(binary: packed(#"{"type":0,"nsp":"/"}"#))
            #expect(try await socket.isClosed())
        }
    }
}
