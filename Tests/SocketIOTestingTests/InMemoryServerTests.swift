import EngineIO
import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Synchronization
import Testing

@Suite("A server in memory", .timeLimit(.minutes(1)))
struct InMemoryServerTests {
    /// The chat server of `Examples`.
    @Test func aChatRoomIsTestedWithoutASocket() async throws {
        var chat = NamespaceDefinition()
        chat.on("message") { socket, arguments, ack in
            guard let message = arguments.json(0) else { return }
            socket.broadcast.emit(OutgoingEvent("message", json: message))
            ack?.send(json: "true")
        }
        let server = try await InMemoryServer(namespaces: ["/": chat])
        let (alice, bob) = (try await server.connect(), try await server.connect())
        #expect(try await alice.emitWithAck("message", json: "\"hello\"").count == 1)
        #expect(try await bob.next().json == "\"hello\"")
        try await server.shutdown()
    }

    @Test func timeMovesWhenTheTestSaysSo() async throws {
        let (reasons, ended) = AsyncStream<String>.makeStream()
        var definition = NamespaceDefinition()
        definition.onConnect { $0.setDeadline(after: .seconds(3_600)) }
        definition.onDeadline { $0.emit("an hour", json: "1") }
        definition.onDisconnect { _, reason, _ in ended.yield(reason.text) }
        let server = try await InMemoryServer(namespaces: ["/": definition])
        let (client, silent) = (try await server.connect(), try await server.connect())
        await silent.fallSilent()
        // Pings every 25 s, and 20 s to answer them.
        await server.advanceTime(by: .seconds(44))
        #expect(await !silent.isClosed)
        await server.advanceTime(by: .seconds(2))
        try await silent.waitUntilClosed()
        var iterator = reasons.makeAsyncIterator()
        #expect(await iterator.next() == "ping timeout")
        await server.advanceTime(by: .seconds(3_600))
        #expect(try await client.next().name == "an hour")
        try await server.shutdown()
        #expect(await iterator.next() == "server shutting down")
    }

    @Test func acksGoBothWaysAndRunOutOfTime() async throws {
        let server = try await InMemoryServer(namespaces: ["/chat": NamespaceDefinition()])
        let (first, second) = (try await server.connect("/chat"), try await server.connect("/chat"))
        async let answers = server.server.of("/chat").emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .seconds(30))
        let question = try await first.next("question")
        #expect(question.json == "1")
        try await first.ack(question, json: "\"yes\"")
        _ = try await second.next("question")
        await server.advanceTime(by: .seconds(31))
        #expect(await answers.map { String(buffer: $0.joined) } == ["\"yes\""])
        try await server.shutdown()
    }

    @Test func aRefusalSaysWhy() async throws {
        var definition = NamespaceDefinition()
        definition.use { request in
            guard request.auth?.string("token") == "good" else { throw ConnectError(message: "401") }
        }
        let server = try await InMemoryServer(namespaces: ["/": definition])
        await #expect(throws: InMemoryClientError.refused(#"{"message":"401"}"#)) { _ = try await server.connect() }
        await #expect(throws: InMemoryClientError.refused(#"{"message":"Invalid namespace"}"#)) { _ = try await server.connect("/nope") }
        let client = try await server.connect(auth: #"{"token":"good"}"#)
        #expect(await client.id.count == 20)
        try await server.shutdown()
    }

    @Test func bothSidesMayEndIt() async throws {
        let (reasons, ended) = AsyncStream<String>.makeStream()
        var definition = NamespaceDefinition()
        definition.on("kick me") { socket, _, _ in socket.disconnect() }
        definition.on("hang up") { socket, _, _ in socket.closeTransport() }
        definition.onDisconnect { _, reason, _ in ended.yield(reason.text) }
        let server = try await InMemoryServer(namespaces: ["/": definition])
        var iterator = reasons.makeAsyncIterator()
        let left = try await server.connect()
        try await left.disconnect()
        #expect(await iterator.next() == "client namespace disconnect")
        let kicked = try await server.connect()
        try await kicked.emit("kick me")
        #expect(await iterator.next() == "server namespace disconnect")
        let hungUp = try await server.connect()
        try await hungUp.emit("hang up")
        try await hungUp.waitUntilClosed()
        #expect(await iterator.next() == "forced close")
        await #expect(throws: InMemoryClientError.closed) { try await hungUp.emit("more") }
        let dropped = try await server.connect()
        await dropped.drop()
        #expect(await iterator.next()?.hasPrefix("transport") == true)
        try await server.shutdown()
    }

    @Test func largeMessagesAndBinaryOnesComeWhole() async throws {
        var definition = NamespaceDefinition()
        definition.on("echo") { socket, arguments, _ in
            socket.emit(OutgoingEvent("echo", json: arguments.joined))
            let bytes = ByteBuffer(bytes: [1, 2, 3])
            socket.emit(OutgoingEvent("bytes", json: ByteBuffer(string: #"{"_placeholder":true,"num":0}"#), attachments: [bytes]))
        }
        let server = try await InMemoryServer(namespaces: ["/": definition])
        let client = try await server.connect()
        for length in [10, 125, 126, 200, 65_535, 65_536, 200_000] {
            let text = "\"\(String(repeating: "a", count: length))\""
            try await client.emit("echo", json: text)
            #expect(try await client.next().json == text)
            #expect(try await client.next().arguments.binary(0) == ByteBuffer(bytes: [1, 2, 3]))
        }
        try await server.shutdown()
    }
}
