import Foundation
import JSONScan
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

private struct NotAllowed: Error {}

private struct Users: Sendable {
    func find(_ token: String) async -> String? { token == "good" ? "alice" : nil }
}

/// The code of `docs/libraries.md`, run. What stands there stands here.
@Suite("The guide to the libraries", .timeLimit(.minutes(1)))
struct LibraryGuideTests {
    @Test func rooms() async throws {
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
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        let (alice, bob) = (try await memory.connect(), try await memory.connect())
        _ = try await alice.emitWithAck("join", json: "\"news\"")
        _ = try await bob.emitWithAck("join", json: "\"news\"")
        #expect(try await alice.next().json == "{\"id\":\"\(await bob.id)\"}")
        let server = memory.server
        let all = server.of("/")
        all.to(["news", "sport"]).except("muted").emit("headline", json: "{\"text\":\"…\"}")
        all.to("news").volatile.emit("ticker", json: "1")
        let sockets = try await all.to("news").fetchSockets()
        all.to("news").socketsJoin("archive")
        all.to("archive").disconnectSockets()
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

    @Test func acks() async throws {
        var definition = NamespaceDefinition()
        definition.on("sum", as: [Int].self) { _, numbers, ack in
            ack?.send(json: "\(numbers.reduce(0, +))")
        }
        definition.on("ask me") { socket, _, _ in
            Task {
                let answer = try await socket.emitWithAck("question", json: ByteBuffer(string: "\"ready?\""), timeout: .seconds(10))
                try socket.emit("thanks", ["for": answer.string(0) ?? "nothing"])
            }
        }
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        let client = try await memory.connect()
        #expect(try await client.emitWithAck("sum", json: "[1,2,3]").json(0) == ByteBuffer(string: "6"))
        try await client.emit("ask me")
        try await client.ack(try await client.next("question"), json: "\"yes\"")
        #expect(try await client.next().json == #"{"for":"yes"}"#)
        try await memory.shutdown()
    }

    @Test func middlewareAndRecovery() async throws {
        let users = Users()
        var configuration = SocketIOConfiguration()
        var definition = NamespaceDefinition()
        definition.use { request in
            guard let token = request.auth?.string("token"), let user = await users.find(token) else {
                throw ConnectError(message: "401 who are you", data: "{\"code\":\"AUTH_FAILED\"}")
            }
            request.data = user
        }
        definition.useForEvents { socket, event in
            guard event.name != "admin" || socket.data as? String == "alice" else { throw NotAllowed() }
        }
        definition.onEventError { _, event, error in
            event.ack?.send(json: "{\"error\":\"\(error)\"}")
        }
        configuration.recovery = RecoveryConfiguration()
        configuration.recovery?.window = .seconds(60)
        definition.onSave { socket in socket.data }
        definition.onRestore { session, request in
            guard session.data as? String == request.data as? String else { return nil }
            return RestoredState(rooms: session.rooms.filter { $0 != "secret" }, data: request.data)
        }
        definition.on("admin") { _, _, ack in ack?.send(json: "\"done\"") }
        definition.on("become nobody") { socket, _, ack in
            socket.data = "nobody"
            ack?.send(json: "")
        }
        let memory = try await InMemoryServer(configuration: configuration, namespaces: ["/": definition])
        await #expect(throws: InMemoryClientError.self) { _ = try await memory.connect(auth: #"{"token":"bad"}"#) }
        let client = try await memory.connect(auth: #"{"token":"good"}"#)
        #expect(try await client.emitWithAck("admin").string(0) == "done")
        let pid = try #require(await client.pid)
        await client.drop()
        memory.server.of("/").emit("missed", json: "1")
        let again = try await memory.connect(auth: #"{"token":"good","pid":"\#(pid)"}"#)
        #expect(await again.id == client.id)
        #expect(try await again.next().name == "missed")
        _ = try await again.emitWithAck("become nobody")
        #expect(try await again.emitWithAck("admin").json(0) == ByteBuffer(string: #"{"error":"NotAllowed()"}"#))
        // The window is over.
        await again.drop()
        await memory.advanceTime(by: .seconds(61))
        #expect(try await memory.connect(auth: #"{"token":"good","pid":"\#(pid)"}"#).pid != pid)
        try await memory.shutdown()
    }

    @Test func severalServers() async throws {
        let cluster = InMemoryCluster()
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var definition = NamespaceDefinition()
        definition.onServerSide("reload") { _, ack in ack?.send(json: "true") }
        let other = SocketIOServer(
            group: group,
            namespaces: ["/": definition],
            adapter: { ClusterAdapter($0, driver: cluster) },
            logger: logger
        )
        do {
            let server = SocketIOServer(
                group: group,
                namespaces: ["/": definition],
                adapter: { ClusterAdapter($0, driver: cluster) },
                logger: logger
            )
            let answers = try await server.of("/").serverSideEmitWithAck("reload")
            server.of("/").local.emit("here", json: "1")
            #expect(answers == [ByteBuffer(string: "true")])
            await server.shutdown()
        }
        await other.shutdown()
    }

    @Test func testing() async throws {
        var chat = NamespaceDefinition()
        chat.on("message") { socket, arguments, ack in
            guard let message = arguments.json(0) else { return }
            socket.broadcast.emit(OutgoingEvent("message", json: message))
            ack?.send(json: "true")
        }
        let server = try await InMemoryServer(namespaces: ["/": chat])
        let (alice, bob) = (try await server.connect(), try await server.connect())
        #expect(try await alice.emitWithAck("message", json: "\"hello\"").json(0) == ByteBuffer(string: "true"))
        #expect(try await bob.next().json == "\"hello\"")
        await server.advanceTime(by: .seconds(3_600))
        try await server.shutdown()
    }

    @Test func theCodeOfTheGuideIsTheCodeOfThisFile() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        func lines(_ path: String) throws -> String {
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return text.split(separator: "\n", omittingEmptySubsequences: true)
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.joined(separator: "\n")
        }
        let guide = try lines("docs/libraries.md")
        let code = try lines("Tests/SocketIOTestingTests/LibraryGuideTests.swift") + "\n" + lines("Examples/Sources/ChatServer/main.swift")
        let blocks = guide.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
        #expect(blocks.count == 11)
        for block in blocks { #expect(code.contains(block)) }
    }
}
