import SocketIO
import SocketIOClient
import SocketIOCore
import TestSupport
import Testing

/// A store that servers share, and that answers when the test says so.
private final class HeldStore: SessionStore {
    private struct Written: Sendable {
        let sessions: [SavedSession]
        let done: @Sendable (SessionWriteResult) -> Void
    }

    let isShared = true
    private let batches: AsyncStream<Written>
    private let received: AsyncStream<Written>.Continuation

    init() { (batches, received) = AsyncStream.makeStream() }

    func save(_ session: SavedSession, for window: Duration) {}
    func find(_ pid: String) async throws -> SavedSession? { nil }
    func take(_ pid: String) async throws -> SavedSession? { nil }
    var sessionCounts: (kept: Int, evicted: Int) { (0, 0) }

    func write(_ sessions: [SavedSession], for window: Duration, _ done: @escaping @Sendable (SessionWriteResult) -> Void) {
        received.yield(Written(sessions: sessions, done: done))
    }

    /// Waits for the next batch and says which rooms stand in its sessions. It is answered by what is returned with them.
    func batch() async throws -> (rooms: [[String]], answer: @Sendable (SessionWriteResult) -> Void) {
        for await written in batches { return (written.sessions.map { $0.rooms.sorted() }, written.done) }
        throw WaitError(description: "no batch")
    }

    /// Waits for the next batch, says that it is written, and returns the rooms in it.
    func written() async throws -> [[String]] {
        let (rooms, answer) = try await batch()
        answer(.written(superseded: []))
        return rooms
    }
}

/// Who has been told that it is in a room is in it, whatever becomes of the server: the session says so first.
@Suite("Sessions that servers share", .timeLimit(.minutes(1)))
struct SharedSessionTests {
    private func run(_ body: (TestServer, HeldStore) async throws -> Void) async throws {
        let store = HeldStore()
        try await TestServer.runRecovering {
            $0.store = store
        } _: { namespace, journal in
            namespace.on("enter") { socket, arguments, ack in
                let room = arguments.string(0) ?? ""
                socket.prepareToJoin([room]) {
                    journal.write("joins \(room): \(room == "closed" ? false : socket.join(room))")
                    socket.hasJoined([room])
                    ack?.send(json: "\"\(room)\"")
                }
            }
            namespace.on("exit") { socket, arguments, ack in
                let room = arguments.string(0) ?? ""
                socket.whenSessionIsWritten { ack?.send(json: "\(socket.leave(room))") }
            }
        } _: { server in
            try await body(server, store)
        }
    }

    @Test func aRoomIsJoinedWhenTheSessionSaysSo() async throws {
        try await run { server, store in
            let client = try await server.connect()
            #expect(try await store.written() == [[]])
            async let entered = client.ask("enter", "\"r\"")
            let (rooms, answer) = try await store.batch()
            #expect(rooms == [["r"]])
            #expect(try await server.population().map(\.rooms) == [0, 0])
            answer(.written(superseded: []))
            #expect(try await entered == "\"r\"")
            #expect(try await server.population().map(\.rooms).max() == 1)
            // It is not written twice, and who is in already does not wait.
            #expect(try await client.ask("enter", "\"r\"") == "\"r\"")
            #expect(try await client.ask("leave", "\"r\"") == "true")
            #expect(try await store.written() == [[]])
            await client.disconnect()
        }
    }

    @Test func whatIsAskedForAtOnceGoesOnInOrder() async throws {
        try await run { server, store in
            let client = try await server.connect()
            #expect(try await store.written() == [[]])
            async let one = client.ask("enter", "\"r\"")
            let (rooms, answer) = try await store.batch()
            #expect(rooms == [["r"]])
            async let left = client.ask("exit", "\"r\"")
            async let two = client.ask("enter", "\"s\"")
            // The server has heard of both, and neither goes before the first.
            _ = try await client.ask("rooms")
            #expect(try await server.population().map(\.rooms) == [0, 0])
            answer(.written(superseded: []))
            #expect(try await one == "\"r\"")
            var written: [[String]] = []
            while written != [["s"]] { written = try await store.written() }
            #expect(try await left == "true")
            #expect(try await two == "\"s\"")
            #expect(try await client.ask("rooms") == "[\"s\"]")
            await client.disconnect()
        }
    }

    @Test func aRoomThatIsNotJoinedIsTakenOutOfTheSession() async throws {
        try await run { server, store in
            let client = try await server.connect()
            #expect(try await store.written() == [[]])
            async let refused = client.ask("enter", "\"closed\"")
            #expect(try await store.written() == [["closed"]])
            #expect(try await refused == "\"closed\"")
            #expect(try await store.written() == [[]])
            await client.disconnect()
        }
    }

    @Test func nobodyWaitsForAStoreThatFails() async throws {
        try await run { server, store in
            let client = try await server.connect()
            #expect(try await store.written() == [[]])
            async let entered = client.ask("enter", "\"r\"")
            try await store.batch().answer(.failed)
            #expect(try await entered == "\"r\"")
            #expect(try await client.ask("enter", "\"s\"") == "\"s\"")
            #expect(server.server.recoveryStatistics()?.unwrittenJoins == 2)
            // It is written as soon as it can be.
            #expect(try await store.written() == [["r", "s"]])
            // The loop has heard of it.
            _ = try await client.ask("rooms")
            async let last = client.ask("enter", "\"t\"")
            #expect(try await store.written() == [["r", "s", "t"]])
            #expect(try await last == "\"t\"")
            #expect(server.server.recoveryStatistics()?.unwrittenJoins == 2)
            await client.disconnect()
        }
    }

    @Test func whoHasGoneMeanwhileIsInNoRoom() async throws {
        try await run { server, store in
            let client = try await server.connect()
            #expect(try await store.written() == [[]])
            try await client.emit("enter", json: "\"r\"")
            let (rooms, answer) = try await store.batch()
            #expect(rooms == [["r"]])
            _ = try await server.lose(client)
            answer(.written(superseded: []))
            var line = ""
            while !line.hasPrefix("joins") { line = try await server.journal.next() }
            #expect(line == "joins r: false")
            #expect(try await server.isEmpty())
        }
    }
}
