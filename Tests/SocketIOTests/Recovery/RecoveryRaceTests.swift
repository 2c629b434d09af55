import Dispatch
import EngineIO
import NIOCore
import SocketIOClient
import SocketIOCore
import TestSupport
import Testing

@testable import SocketIO

/// Clients lose their connections and come again while broadcasts go on, from outside and from handlers on both loops.
@Suite("Connection state recovery: races", .timeLimit(.minutes(2)))
struct RecoveryRaceTests {
    /// One user of a stock client: connects, loses its connection again and again, and keeps what it gets in order.
    private func follow(_ server: TestServer, _ seed: UInt64, until last: String) async throws -> [String] {
        var generator = SeededGenerator(seed: seed)
        var client = try await server.connect()
        _ = try await client.ask("join", "\"a\"")
        try await client.emit("ready")
        var lines: [String] = []
        while true {
            let count = Int.random(in: 1...60, using: &generator)
            for _ in 0..<count {
                let event = try await client.event(nil, within: .seconds(30))
                lines.append(event.line)
                if event.name == last {
                    await client.disconnect()
                    return lines
                }
            }
            // Not all that has come has been looked at: it is lost with the connection, or looked at after it.
            let (old, abrupt) = (client, Bool.random(using: &generator))
            if abrupt {
                // The network is gone; the server will notice at some time.
                await old.abort()
                while let event = try? await old.event(nil) {
                    lines.append(event.line)
                    if event.name == last { return lines }
                }
                client = try await server.connect(recovery: await old.recovery())
            } else {
                // The client comes again before the old connection is gone.
                let recovery = await old.recovery()
                let position = recovery?.offset.flatMap { RecoveryOffset($0) }?.position ?? 0
                client = try await server.connect(recovery: recovery)
                // What the old connection brought after that comes again on the new one.
                while let event = try? await old.event(nil), event.offset?.position ?? 0 <= position {
                    lines.append(event.line)
                    if event.name == last { return lines }
                }
                await old.abort()
            }
            guard client.session.recovered else { throw NotRecovered() }
        }
    }

    private struct NotRecovered: Error {}

    /// An event for one socket is in the inbox of that socket's loop only. Its client may come again on another loop.
    @Test func whatIsForASocketOfAnotherLoopCountsAsDeliveredThoughABroadcastWaits() async throws {
        try await TestServer.runRecovering { server in
            let client = try await server.connect()
            let loops = server.server.loops()
            var home: NamespaceLoop?
            for loop in loops where try await loop.eventLoop.submit({ loop.socketCount > 0 }).get() { home = loop }
            let here = try #require(home)
            let there = try #require(loops.first { $0 !== here })
            let position = try await there.eventLoop.submit {
                let ticket = there.recovery?.lastTicket ?? 0
                let isDone = DispatchSemaphore(value: 0)
                here.eventLoop.execute {
                    here.forEachSocket { $0.emit("one", json: "1") }
                    server.server.of("/").emit("two", json: "2")
                    isDone.signal()
                }
                isDone.wait()
                there.deliverPublished(upTo: ticket + 1)
                return there.deliveredPosition
            }.get()
            #expect(position == 1)
            try await there.eventLoop.submit { there.deliverPublished() }.get()
            #expect(try await there.eventLoop.submit { there.deliveredPosition }.get() == 2)
            await client.disconnect()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func nothingIsMissingNothingComesTwiceAndAllIsInOrder(_ seed: UInt64) async throws {
        try await TestServer.runRecovering({ _ in }) { namespace, journal in
            namespace.on("ready") { _, _, _ in journal.write("ready") }
        } _: { server in
            let all = server.server.of("/")
            let eventCount = 3_000
            try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 0..<4 {
                    group.addTask { try await follow(server, seed &* 100 &+ UInt64(number), until: "end") }
                }
                var ready = 0
                while ready < 4 { if try await server.journal.next() == "ready" { ready += 1 } }
                // Three sources at once, each in its own order: outside, and each of the two loops.
                let sources = [0, 1, 2].map { source in
                    Task {
                        for number in 0..<eventCount / 3 {
                            let line = "[\(source),\(number)]"
                            if source == 0 {
                                number.isMultiple(of: 2) ? all.to("a").emit("news", json: line) : all.emit("news", json: line)
                            } else {
                                let loop = server.server.loops()[source - 1]
                                try await loop.eventLoop.submit {
                                    all.to("a").to("b").emit("news", json: line)
                                }.get()
                            }
                            if number.isMultiple(of: 10) { try await Task.sleep(for: .microseconds(500)) }
                        }
                    }
                }
                for source in sources { try await source.value }
                all.emit("end", json: "0")
                var orders: Set<[String]> = []
                for try await lines in group {
                    #expect(lines.count == eventCount + 1)
                    #expect(Set(lines).count == eventCount + 1)
                    for source in 0..<3 {
                        let own = lines.filter { $0.hasPrefix("news [\(source),") }
                        #expect(own == (0..<eventCount / 3).map { "news [\(source),\($0)]" })
                    }
                    orders.insert(lines)
                }
                // There is one order, and everyone sees it, on whichever loop.
                #expect(orders.count == 1)
                #expect(server.refusals == [:])
                #expect(server.server.recoveryStatistics()?.restored ?? 0 > 0)
            }
        }
    }

    /// Two connections show the same private id at once: one gets the session.
    @Test func ofTwoThatAskAtOnceOneGetsIt() async throws {
        try await TestServer.runRecovering { server in
            for _ in 0..<20 {
                let recovery = try await server.lose(try await server.connect())
                async let first = server.connect(recovery: recovery)
                async let second = server.connect(recovery: recovery)
                let clients = [try await first, try await second]
                // The second may also have come after the first was connected, and superseded it.
                let holders = clients.filter(\.session.recovered).count
                #expect(holders >= 1)
                if holders == 2 { #expect(server.server.recoveryStatistics()?.superseded ?? 0 > 0) }
                for client in clients { await client.abort() }
            }
        }
    }

    /// The client is gone again while the application still thinks about its session: that waits for the next time.
    @Test func whoGoesWhileItsSessionIsLookedAtGetsItNextTime() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await TestServer.runRecovering({ _ in }) { namespace, journal in
            namespace.onRestore { session, _ in
                journal.write("asked")
                for await _ in gate { break }
                journal.write("answered")
                return RestoredState(session)
            }
        } _: { server in
            let client = try await server.connect()
            _ = try await client.ask("join", "\"a\"")
            let recovery = try await server.lose(client)
            let socket = try await server.webSocket()
            try await socket.send(text: #"40{"pid":"\#(recovery.pid)"}"#)
            #expect(try await server.journal.next() == "asked")
            await socket.abort()
            while await server.server.statistics().openWebSocket > 0 { await Task.yield() }
            opener.yield()
            #expect(try await server.journal.next() == "answered")
            opener.yield()
            while server.server.recoveryStatistics()?.saved != 2 { await Task.yield() }
            let again = try await server.connect(recovery: recovery)
            #expect(again.session.recovered)
            #expect(try await again.ask("rooms") == #"["a"]"#)
            opener.finish()
            await again.disconnect()
        }
    }
}
