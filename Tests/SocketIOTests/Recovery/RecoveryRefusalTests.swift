import EngineIOCore
import JSONScan
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import SocketIOTesting
import Synchronization
import TestSupport
import Testing

@Suite("Connection state recovery: who gets nothing back", .timeLimit(.minutes(1)))
struct RecoveryRefusalTests {
    /// A client in the room `a` that has seen one event and has lost its connection.
    private func lost(_ server: TestServer, auth: String? = nil) async throws -> (client: SocketIOClient, recovery: SocketIORecovery) {
        let client = try await server.connect(auth: auth)
        _ = try await client.ask("join", "\"a\"")
        server.server.of("/").emit("first", json: "1")
        #expect(try await client.event("first", within: .seconds(30)).offset != nil)
        return (client, try await server.lose(client))
    }

    private func expectNewSession(
        _ server: TestServer,
        _ recovery: SocketIORecovery,
        auth: String? = nil,
        because reason: RecoveryStatistics.Refusal,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = server.refusals[reason, default: 0]
        let client = try await server.connect(auth: auth, recovery: recovery)
        #expect(!client.session.recovered, sourceLocation: sourceLocation)
        #expect(client.session.pid?.count == 24, sourceLocation: sourceLocation)
        #expect(client.session.pid != recovery.pid, sourceLocation: sourceLocation)
        #expect(try await client.ask("rooms") == "[]", sourceLocation: sourceLocation)
        server.server.of("/").emit("mark", json: "1")
        #expect(try await client.lines(before: "mark") == [], sourceLocation: sourceLocation)
        #expect(server.refusals[reason, default: 0] == before + 1, sourceLocation: sourceLocation)
        await client.disconnect()
    }

    @Test func anUnknownPrivateID() async throws {
        try await TestServer.runRecovering { server in
            let (_, recovery) = try await lost(server)
            for pid in ["", "nonsense", String(repeating: "A", count: 24), "//" + String(repeating: "A", count: 22)] {
                try await expectNewSession(server, SocketIORecovery(pid: pid, offset: recovery.offset), because: .unknownSession)
            }
            // The public id is not the private one.
            let (client, _) = try await lost(server)
            try await expectNewSession(server, SocketIORecovery(pid: client.session.id, offset: recovery.offset), because: .unknownSession)
            #expect(try await server.connect(recovery: recovery).session.recovered)
        }
    }

    /// The socket is found by the first characters of its private id; the others count as much.
    @Test(arguments: [0, 9, 10, 19, 20, 23])
    func thePrivateIDOfASocketThatIsConnectedButForOneCharacter(_ index: Int) async throws {
        try await TestServer.runRecovering { server in
            let client = try await server.connect()
            let recovery = try #require(await client.recovery())
            var characters = Array(recovery.pid)
            characters[index] = characters[index] == "A" ? "B" : "A"
            try await expectNewSession(server, SocketIORecovery(pid: String(characters), offset: recovery.offset), because: .unknownSession)
            // Nor has its connection been closed, as for a client that comes again by another.
            #expect(try await client.ask("rooms") == "[]")
            #expect(try await server.connect(recovery: recovery).session.recovered)
        }
    }

    @Test(arguments: ["", "hello", "AAAAAAAA.1", "!"])
    func aForeignOffset(_ offset: String) async throws {
        try await TestServer.runRecovering { server in
            var (_, recovery) = try await lost(server)
            let good = recovery.offset
            recovery.offset = offset
            try await expectNewSession(server, recovery, because: .foreignOffset)
            // The session is there still, for who knows where it stopped.
            recovery.offset = good
            #expect(try await server.connect(recovery: recovery).session.recovered)
        }
    }

    @Test func anOffsetFromTheFuture() async throws {
        try await TestServer.runRecovering { server in
            var (_, recovery) = try await lost(server)
            let offset = try #require(recovery.offset.flatMap { RecoveryOffset($0) })
            recovery.offset = RecoveryOffset(epoch: offset.epoch, position: offset.position + 1).text
            try await expectNewSession(server, recovery, because: .foreignOffset)
        }
    }

    @Test func aSessionOfAnotherNamespace() async throws {
        try await TestServer.runRecovering({ _ in }, namespaces: ["/", "/b"]) { server in
            let (_, recovery) = try await lost(server)
            let client = try await server.connect(namespace: "/b", recovery: recovery)
            #expect(!client.session.recovered)
            #expect(server.server.recoveryStatistics("/b")?.refusals == [.unknownSession: 1])
            await client.disconnect()
        }
    }

    @Test func aSessionIsGivenBackOnce() async throws {
        try await TestServer.runRecovering { server in
            let (_, recovery) = try await lost(server)
            let again = try await server.connect(recovery: recovery)
            await again.disconnect()
            try await expectNewSession(server, recovery, because: .unknownSession)
        }
    }

    @Test func theWindowIsOver() async throws {
        let clock = ManualClock()
        try await TestServer.runRecovering {
            $0.store = MemorySessionStore(maximumSessions: 10) { clock.now }
        } _: { _, _ in
        } _: { server in
            let (_, recovery) = try await lost(server)
            clock.advance(by: .seconds(120))
            let again = try await server.connect(recovery: recovery)
            #expect(again.session.recovered)
            let later = try await server.lose(again)
            clock.advance(by: .seconds(121))
            try await expectNewSession(server, later, because: .unknownSession)
        }
    }

    @Test func whatWasMissedIsKeptNoMore() async throws {
        try await TestServer.runRecovering {
            $0.maxRoomLogBytes = 1_000
        } _: { _, _ in
        } _: { server in
            let (_, recovery) = try await lost(server)
            for number in 0..<20 { server.server.of("/").to("a").emit("news", json: "\(number)") }
            try await expectNewSession(server, recovery, because: .eventsGone)
        }
    }

    @Test func moreWasMissedThanIsSentAtOnce() async throws {
        try await TestServer.runRecovering {
            $0.maxReplayBytes = 1_000
        } _: { _, _ in
        } _: { server in
            let (_, recovery) = try await lost(server)
            for number in 0..<40 { server.server.of("/").to("a").emit("news", json: "\(number)") }
            try await expectNewSession(server, recovery, because: .tooMuchMissed)
        }
    }

    /// A client that takes nothing could else have one session after the other given back, and let all wait.
    @Test func theBoundIsThatOfTheConnection() async throws {
        try await TestServer.runRecovering {
            $0.maxReplayBytes = 20_000
        } _: { _, _ in
        } _: { server in
            var claims: [SocketIORecovery] = []
            for _ in 0..<2 {
                let client = try await server.connect()
                _ = try await client.ask("join", "\"a\"")
                claims.append(try await server.lose(client))
            }
            server.server.of("/").to("a").emit("news", json: "\"\(String(repeating: "x", count: 15_000))\"")
            // One that posts and does not poll.
            let poller = try await RawConnection.open(server.address)
            let sid = try await poller.openPolling()
            for claim in claims {
                _ = try await poller.post(sid, "40{\"pid\":\"\(claim.pid)\"}")
                #expect(try await server.journal.next().hasPrefix("connected"))
                _ = try await poller.post(sid, "41")
                #expect(try await server.journal.next() == "client namespace disconnect")
            }
            #expect(server.refusals == [.tooMuchMissed: 1])
            #expect(server.server.recoveryStatistics()?.restored == 1)
        }
    }

    // MARK: The application's word

    private static let users: @Sendable (inout NamespaceDefinition, Journal) -> Void = { namespace, journal in
        namespace.use { request in
            guard let user = request.auth?.string("user") else { throw ConnectError(message: "401 who are you") }
            request.data = user
        }
        namespace.onRestore { session, request in
            journal.write("restore \(session.data ?? "") for \(request.data ?? "")")
            guard session.data as? String == request.data as? String else { return nil }
            return RestoredState(rooms: session.rooms.subtracting(["secret"]).union(["never joined"]), data: request.data)
        }
    }

    @Test func aStolenPrivateIDWithAnothersName() async throws {
        try await TestServer.runRecovering({ _ in }, Self.users) { server in
            let (alice, recovery) = try await lost(server, auth: #"{"user":"alice"}"#)
            server.server.of("/").to("a").emit("secret", json: "1")
            try await expectNewSession(server, recovery, auth: #"{"user":"mallory"}"#, because: .refused)
            // Nor does the thief end the session of whom it belongs to.
            let again = try await server.connect(auth: #"{"user":"alice"}"#, recovery: recovery)
            #expect(again.session.id == alice.session.id)
            #expect(try await again.nextRecoverable() == "secret 1")
            await again.disconnect()
        }
    }

    @Test func aStolenPrivateIDOfASocketThatIsConnected() async throws {
        try await TestServer.runRecovering({ _ in }, Self.users) { server in
            let alice = try await server.connect(auth: #"{"user":"alice"}"#)
            let recovery = try #require(await alice.recovery())
            try await expectNewSession(server, recovery, auth: #"{"user":"mallory"}"#, because: .refused)
            #expect(try await alice.ask("rooms") == "[]")
            await alice.disconnect()
        }
    }

    @Test func withoutAGoodTokenThereIsNoQuestionOfIt() async throws {
        try await TestServer.runRecovering({ _ in }, Self.users) { server in
            let (_, recovery) = try await lost(server, auth: #"{"user":"alice"}"#)
            let error = await #expect(throws: SocketIOConnectError.self) { try await server.connect(recovery: recovery) }
            #expect(error?.message == "401 who are you")
            #expect(try await server.connect(auth: #"{"user":"alice"}"#, recovery: recovery).session.recovered)
        }
    }

    @Test func roomsAreCheckedAgain() async throws {
        try await TestServer.runRecovering({ _ in }, Self.users) { server in
            let client = try await server.connect(auth: #"{"user":"alice"}"#)
            for room in ["a", "secret"] { _ = try await client.ask("join", "\"\(room)\"") }
            let recovery = try await server.lose(client)
            server.server.of("/").to("secret").emit("news", json: "1")
            server.server.of("/").to("never joined").emit("news", json: "2")
            server.server.of("/").to("a").emit("news", json: "3")
            let again = try await server.connect(auth: #"{"user":"alice"}"#, recovery: recovery)
            #expect(again.session.recovered)
            server.server.of("/").emit("mark", json: "1")
            #expect(try await again.lines(before: "mark") == ["news 3"])
            #expect(try await again.ask("rooms") == #"["a"]"#)
            await again.disconnect()
        }
    }

    private struct Broken: Error {}

    @Test func aHookThatFailsRefuses() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.onRestore { _, _ in throw Broken() }
        } _: { server in
            let (_, recovery) = try await lost(server)
            try await expectNewSession(server, recovery, because: .refused)
        }
    }

    /// A store elsewhere, out of order.
    private struct BrokenStore: SessionStore {
        func save(_ session: SavedSession, for window: Duration) {}
        func find(_ pid: String) async throws -> SavedSession? { throw Broken() }
        func take(_ pid: String) async throws -> SavedSession? { throw Broken() }
        var sessionCounts: (kept: Int, evicted: Int) { (0, 0) }
    }

    @Test func aStoreThatFailsCostsTheSessionNotTheConnection() async throws {
        try await TestServer.runRecovering {
            $0.store = BrokenStore()
        } _: { _, _ in
        } _: { server in
            let (_, recovery) = try await lost(server)
            try await expectNewSession(server, recovery, because: .storeFailed)
        }
    }
}
