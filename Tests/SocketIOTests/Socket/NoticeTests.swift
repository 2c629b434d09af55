import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import Testing

/// What a client is told before the server ends its connection.
@Suite("Notices", .timeLimit(.minutes(1)))
struct NoticeTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onDrain { _, closesIn in OutgoingEvent("draining", json: "\(closesIn < .milliseconds(100))") }
        namespace.onSlowConsumer { socket in OutgoingEvent("too slow", json: "\"\(socket.namespace)\"") }
        namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
    }

    @Test func aDrainIsToldFirstAndEndsWithoutADisconnectPacket() async throws {
        try await TestServer.run(Self.define) { server in
            let clients = [try await server.connect(), try await server.connect()]
            await server.server.drain(over: .milliseconds(100))
            for client in clients {
                #expect(try await client.next() == "draining true")
                // A stock client comes back after this, but not after a DISCONNECT packet.
                #expect(try await client.end() == .transportClose)
                #expect(try await server.journal.next() == "server shutting down")
            }
            let refused = await #expect(throws: SocketIOClientError.self) { try await server.connect() }
            #expect(refused?.status == 503)
            #expect(try await server.isEmpty())
        }
    }

    @Test func whoDoesNotReadIsToldBehindWhatIsUnderWay() async throws {
        try await TestServer.run {
            $0.engine.maxQueuedBytes = 1 << 20
            $0.engine.closeTimeout = .seconds(600)
        } _: {
            Self.define(&$0, $1)
        } _: { server in
            let slow = try await server.connectedWebSocket()
            try await slow.setReading(false)
            let filler = OutgoingEvent("fill", json: "\"\(String(repeating: "x", count: 100_000))\"")
            // More than the kernel's buffers take.
            for _ in 0..<200 { server.server.of("/").emit(filler) }
            #expect(try await server.journal.next() == "slow consumer")
            try await slow.setReading(true)
            var texts: [String] = []
            while let message = try await slow.receive(within: .seconds(30)), let text = message.string { texts.append(text) }
            #expect(texts.last == #"42["too slow","/"]"#)
            #expect(texts.count > 1 && texts.count < 200)
            #expect(try await server.isEmpty())
        }
    }
}
