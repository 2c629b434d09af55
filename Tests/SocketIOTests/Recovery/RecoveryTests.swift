import EngineIOCore
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Connection state recovery", .timeLimit(.minutes(1)))
struct RecoveryTests {
    @Test func idRoomsDataAndMissedEventsComeBack() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.onConnect { if !$0.recovered { $0.data = "drawn \($0.id)" } }
            namespace.on("data") { socket, _, ack in ack?.send(json: "\"\(socket.data ?? "nothing")\"") }
        } _: { server in
            let all = server.server.of("/")
            let (client, other) = (try await server.connect(), try await server.connect())
            for room in ["a", "b"] { #expect(try await client.ask("join", "\"\(room)\"") == "true") }
            #expect(!client.session.recovered)
            all.to("a").emit("news", json: "1")
            #expect(try await client.nextRecoverable() == "news 1")
            let recovery = try await server.lose(client)

            all.to("a").emit("news", json: "2")
            all.to("z").emit("news", json: "3")
            all.emit("news", json: "4")
            all.to("a").to("b").emit("news", json: "5")
            all.except("a").emit("news", json: "6")
            all.to(client.session.id).emit("news", json: "7")
            let again = try await server.connect(recovery: recovery)
            all.emit("mark", json: "1")
            #expect(again.session.recovered)
            #expect(again.session.id == client.session.id)
            #expect(again.session.pid == client.session.pid)
            #expect(try await again.lines(before: "mark") == ["news 2", "news 4", "news 5", "news 7"])
            #expect(try await other.lines(before: "mark") == ["news 4", "news 6"])
            #expect(try await again.ask("rooms") == #"["a", "b"]"#)
            #expect(try await again.ask("data") == "\"drawn \(client.session.id)\"")
            all.to("b").emit("news", json: "8")
            #expect(try await again.nextRecoverable() == "news 8")

            let counted = server.server.recoveryStatistics()
            #expect(counted?.saved == 1)
            #expect(counted?.restored == 1)
            #expect(counted?.replayed == 4)
            #expect(counted?.keptSessions == 0)
            #expect(server.refusals == [:])
            for client in [again, other] { await client.disconnect() }
        }
    }

    @Test func andAgainAndAgain() async throws {
        try await TestServer.runRecovering { server in
            var client = try await server.connect()
            _ = try await client.ask("join", "\"a\"")
            for round in 0..<6 {
                let recovery = try await server.lose(client)
                server.server.of("/").to("a").emit("news", json: "\(round)")
                client = try await server.connect(recovery: recovery)
                #expect(client.session.recovered)
                // Every other time it goes before it has read on, which changes nothing: it has got the event.
                if round.isMultiple(of: 2) { #expect(try await client.nextRecoverable() == "news \(round)") }
                server.server.of("/").to("a").emit("mark", json: "\(round)")
                _ = try await client.event("mark", within: .seconds(30))
            }
            await client.disconnect()
        }
    }

    /// The event at the client's offset is gone from the log; that nothing came after it is known all the same.
    @Test func afterAQuietTimeAndWithoutAnyEvent() async throws {
        try await TestServer.runRecovering {
            $0.maxRoomLogBytes = 1_000
        } _: { _, _ in
        } _: { server in
            let (quiet, silent) = (try await server.connect(), try await server.connect())
            _ = try await quiet.ask("join", "\"quiet\"")
            server.server.of("/").to("quiet").emit("news", json: "1")
            #expect(try await quiet.nextRecoverable() == "news 1")
            let quietly = try await server.lose(quiet)
            let silently = try await server.lose(silent)
            #expect(silently.offset == nil)
            for number in 0..<100 { server.server.of("/").to("busy").emit("noise", json: "\(number)") }
            #expect(server.server.recoveryStatistics()?.evictedEvents ?? 0 > 0)
            server.server.of("/").to(silent.session.id).emit("news", json: "2")
            let first = try await server.connect(recovery: quietly)
            #expect(first.session.recovered)
            let second = try await server.connect(recovery: silently)
            #expect(second.session.recovered)
            #expect(try await second.nextRecoverable() == "news 2")
            for client in [first, second] { await client.disconnect() }
        }
    }

    /// One client that writes much has others of its rooms start anew, and nobody else.
    @Test func whatClientsWriteHasNothingElseForgotten() async throws {
        try await TestServer.runRecovering {
            $0.maxLogBytes = 40_000
            $0.isWrittenByClients = { $0.hasPrefix("group:") }
        } _: { _, _ in
        } _: { server in
            let (trader, talker) = (try await server.connect(), try await server.connect())
            _ = try await trader.ask("join", "\"trade\"")
            _ = try await talker.ask("join", "\"group:7\"")
            let (trades, talk) = (try await server.lose(trader), try await server.lose(talker))
            server.server.of("/").to("trade").emit("news", json: "1")
            for number in 0..<1_000 { server.server.of("/").to("group:\(number % 300)").emit("words", json: "\(number)") }
            server.server.of("/").to("trade").emit("news", json: "2")
            #expect(server.server.recoveryStatistics()?.evictedEvents ?? 0 > 900)
            #expect(server.server.recoveryStatistics()?.loggedBytes ?? .max <= 40_000)
            let first = try await server.connect(recovery: trades)
            #expect(first.session.recovered)
            #expect(try await first.nextRecoverable() == "news 1")
            #expect(try await first.nextRecoverable() == "news 2")
            let second = try await server.connect(recovery: talk)
            #expect(!second.session.recovered)
            #expect(server.refusals == [.eventsGone: 1])
            for client in [first, second] { await client.disconnect() }
        }
    }

    @Test func whatASocketIsSentWhileItsClientIsAwayWaits() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.on("later") { socket, _, ack in
                ack?.send(json: "")
                socket.data = socket
            }
            namespace.onDisconnect { socket, _, _ in
                guard socket.data is Socket else { return }
                socket.data = nil
                socket.emit("late", json: "1")
                var latest = OutgoingEvent("latest", json: "2")
                latest.isRecoverable = false
                socket.emit(latest)
            }
            namespace.onSave { _ in nil }
        } _: { server in
            let client = try await server.connect()
            _ = try await client.ask("later")
            let again = try await server.connect(recovery: try await server.lose(client))
            #expect(again.session.recovered)
            server.server.of("/").emit("mark", json: "")
            #expect(try await again.lines(before: "mark") == ["late 1"])
            await again.disconnect()
        }
    }

    @Test func eventsFromBeforeAJoinAreNotMissed() async throws {
        try await TestServer.runRecovering { server in
            let client = try await server.connect()
            server.server.of("/").to("a").emit("early", json: "1")
            server.server.of("/").emit("mark", json: "1")
            #expect(try await client.nextRecoverable() == "mark 1")
            _ = try await client.ask("join", "\"a\"")
            server.server.of("/").to("a").emit("news", json: "2")
            #expect(try await client.nextRecoverable() == "news 2")
            var recovery = try await server.lose(client)
            // As if the news had been lost on the way.
            recovery.offset = nil
            let again = try await server.connect(recovery: recovery)
            server.server.of("/").emit("mark", json: "1")
            #expect(try await again.nextRecoverable() == "mark 1")
            #expect(try await again.lines(before: "mark") == ["news 2"])
            await again.disconnect()
        }
    }

    /// After a change of network the server still takes the old connection for alive when the client comes again.
    @Test func aClientThatComesBeforeItsLossIsNoticedSupersedesItself() async throws {
        try await TestServer.runRecovering { server in
            for round in 0..<4 {
                let client = try await server.connect()
                _ = try await client.ask("join", "\"a\"")
                server.server.of("/").to("a").emit("news", json: "1")
                #expect(try await client.nextRecoverable() == "news 1")
                var recovery = try #require(await client.recovery())
                // A client in between, so that it is the other loop's turn, and then its own.
                let between = round.isMultiple(of: 2) ? try await server.connect() : nil
                server.server.of("/").to("a").emit("news", json: "2")
                #expect(try await client.nextRecoverable() == "news 2")
                let again = try await server.connect(recovery: recovery)
                #expect(again.session.recovered)
                #expect(try await again.nextRecoverable() == "news 2")
                #expect(try await client.end() == .transportClose)
                recovery = try #require(await again.recovery())
                #expect(recovery.pid == client.session.pid)
                #expect(server.server.recoveryStatistics()?.superseded == round + 1)
                await again.disconnect()
                await between?.disconnect()
            }
            #expect(try await server.isEmpty())
        }
    }

    @Test func whoLeftOnPurposeOrWasSentAwayHasNoSession() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.on("kick me") { socket, _, _ in socket.disconnect() }
        } _: { server in
            let left = try await server.connect()
            let leaving = await left.recovery()
            await left.disconnect()
            #expect(try await server.connect(recovery: leaving).session.recovered == false)
            let kicked = try await server.connect()
            let recovery = await kicked.recovery()
            try await kicked.emit("kick me")
            #expect(try await kicked.end() == .serverDisconnect)
            #expect(try await server.connect(recovery: recovery).session.recovered == false)
            #expect(server.server.recoveryStatistics()?.saved == 0)
            #expect(server.refusals == [.unknownSession: 2])
            await server.server.shutdown()
        }
    }

    @Test func everyOtherEndIsSaved() async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, _ in
            namespace.on("hang up") { socket, _, _ in socket.closeTransport() }
        } _: { server in
            let hungUp = try await server.connect()
            try await hungUp.emit("hang up")
            #expect(try await hungUp.end() == .transportClose)
            #expect(try await server.connect(recovery: await hungUp.recovery()).session.recovered)
            // A packet that breaks the protocol would come again.
            let broken = try await server.webSocket()
            try await broken.send(text: "40")
            _ = try await broken.text()
            try await broken.send(text: "4x")
            #expect(try await broken.isClosed())
            #expect(server.server.recoveryStatistics()?.saved == 1)
            await server.server.shutdown()
            #expect(server.server.recoveryStatistics()?.saved == 2)
        }
    }

    /// What was missed is no sign of a slow client, however little may wait for one.
    @Test(arguments: [TransportKind.websocket, .polling])
    func moreIsGivenBackThanMayWaitForAConnection(_ transport: TransportKind) async throws {
        try await TestServer.runRecovering(maxQueuedBytes: 10_000) { server in
            let client = try await server.connect()
            _ = try await client.ask("join", "\"a\"")
            let recovery = try await server.lose(client)
            let filler = String(repeating: "x", count: 10_000)
            for number in 0..<400 { server.server.of("/").to("a").emit("news", json: "\(number),{\"filler\":\"\(filler)\"}") }
            let again = try await server.connect(recovery: recovery, transport: transport)
            #expect(again.session.recovered)
            server.server.of("/").to("a").emit("news", json: "400")
            for number in 0...400 { #expect(try await again.nextRecoverable() == "news \(number)") }
            #expect(server.server.recoveryStatistics()?.replayed == 400)
            await again.disconnect()
        }
    }
}
