import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("What is about to happen to a socket", .timeLimit(.minutes(1)))
struct OutgoingListenerTests {
    private struct Order: Codable, Sendable {
        var pair: String
    }

    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onAnyOutgoing { socket, event in
            let content = event.content
            let first = content?.arguments.json(0).map { String(buffer: $0) }
            journal.write("\(content?.name ?? "?") \(first ?? "") to \(socket.id.prefix(0))\(socket.rooms.sorted())")
        }
        namespace.on("join") { socket, arguments, ack in
            if let room = arguments.string(0) { socket.join(room) }
            ack?.send(json: "")
        }
        namespace.on("order") { socket, _, _ in try? socket.emit("order", Order(pair: "BTC-USDC")) }
        namespace.onDisconnecting { socket, reason in
            socket.emit("too late", json: "1")
            journal.write("\(reason.text), still in \(socket.rooms.sorted()), connected: \(socket.connected)")
        }
        namespace.onDisconnect { socket, _, rooms in journal.write("was in \(rooms), is in \(socket.rooms)") }
    }

    @Test(arguments: [false, true])
    func eachEventThatGoesOutIsSeen(_ isRecovering: Bool) async throws {
        try await TestServer.run {
            if isRecovering { $0.recovery = RecoveryConfiguration() }
        } _: {
            Self.define(&$0, $1)
        } _: { server in
            let client = try await server.connect()
            // Acks are no events.
            #expect(try await client.ask("join", "\"a\"") == "")
            try await client.emit("order")
            #expect(try await server.journal.next() == #"order {"pair":"BTC-USDC"} to ["a"]"#)
            let all = server.server.of("/")
            all.to("a").emit("room", json: "1")
            all.to("b").emit("nobody", json: "2")
            all.volatile.emit("volatile", json: "3")
            try all.emit("order", Order(pair: "ETH-USDC"))
            for line in [#"room 1 to ["a"]"#, #"volatile 3 to ["a"]"#, #"order {"pair":"ETH-USDC"} to ["a"]"#] {
                #expect(try await server.journal.next() == line)
            }
            for loop in server.server.loops() {
                try await loop.eventLoop.submit {
                    loop.emit(OutgoingEvent("loop", json: "4"), to: "a")
                    loop.emitToAll(OutgoingEvent("loop", json: "5"))
                }.get()
            }
            for line in [#"loop 4 to ["a"]"#, #"loop 5 to ["a"]"#] { #expect(try await server.journal.next() == line) }
            await client.disconnect()
            #expect(try await server.journal.next() == #"client namespace disconnect, still in ["a"], connected: false"#)
            #expect(try await server.journal.next() == #"was in ["a"], is in []"#)
        }
    }

    /// The flag goes with the frame, also where it is encoded anew: with an offset, as MessagePack, on another server.
    @Test(arguments: [SocketIOParser.json, .msgpack])
    func whatIsNotToBeCompressedIsMarked(_ parser: SocketIOParser) async throws {
        try await TestServer.run {
            $0.recovery = RecoveryConfiguration()
            $0.parser = parser
        } _: { namespace, journal in
            namespace.onAnyOutgoing { _, event in
                journal.write("\(event.content?.name ?? "?") \(event.frame.isCompressible)")
            }
        } _: { server in
            var options = SocketIOClientOptions()
            options.parser = parser
            let client = try await SocketIOClient.connect(url: server.url, options: options)
            let all = server.server.of("/")
            all.emit("a", json: "1")
            all.compress(false).emit("b", json: "2")
            all.compress(false).compress(true).emit("c", json: "3")
            all.emit(OutgoingEvent("d", json: "4").uncompressed)
            for line in ["a true", "b false", "c true", "d false"] { #expect(try await server.journal.next() == line) }
            for name in ["a", "b", "c", "d"] { #expect(try await client.event(nil, within: .seconds(30)).name == name) }
            await client.disconnect()
        }
        try await TestCluster.run(2) { namespace, journal in
            namespace.onAnyOutgoing { _, event in journal.write("\(event.frame.isCompressible)") }
        } _: { cluster in
            let clients = try await cluster.clients()
            cluster.of(0).compress(false).emit("a", json: "1")
            cluster.of(0).emit("b", json: "2")
            for line in ["false", "true"] { #expect(try await cluster.nodes[1].journal.next() == line) }
            for client in clients { await client.disconnect() }
        }
    }

    @Test func acksThatAreDueFailWhenTheSocketEnds() async throws {
        try await TestServer.run { namespace, journal in
            namespace.on("ask me") { socket, _, _ in
                Task {
                    do throws(any Error) {
                        _ = try await socket.emitWithAck("question", json: ByteBuffer(), timeout: .seconds(100))
                    } catch {
                        journal.write("\(error)")
                    }
                }
            }
        } _: { server in
            let client = try await server.connect()
            try await client.emit("ask me")
            _ = try await client.event("question", within: .seconds(30))
            await client.abort()
            #expect(try await server.journal.next() == "disconnected")
        }
    }
}
