import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

/// What a client has missed while it was away may be more than may wait for one that is there.
@Suite("Missed messages")
struct MissedMessagesTests {
    private static let large = String(repeating: "x", count: 100_000)
    /// 40 times 100,000 bytes, each numbered.
    private let missed = (10..<50).map { OutboundFrame(text: "4\($0)" + large) }

    private static func number(_ packet: some StringProtocol) -> Int? { Int(packet.dropFirst().prefix(2)) }

    @Test func aWebSocketGetsThemAllWhateverItsBound() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 50_000
        } _: { server in
            let socket = try await server.webSocket()
            try await server.send(missed: missed)
            try await server.broadcast(OutboundFrame(text: "4last"))
            for number in 10..<50 { #expect(try await socket.frame() == .text("4\(number)" + Self.large)) }
            #expect(try await socket.frame() == .text("4last"))
            #expect(await server.server.statistics().closed == [:])
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }

    @Test func whoDoesNotTakeThemIsClosedByWhatIsSentAfterThem() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 50_000
        } _: { server in
            let socket = try await server.webSocket()
            try await socket.stopReading()
            // More than the kernel takes.
            for _ in 0..<3 { try await server.send(missed: missed) }
            #expect(await server.server.statistics().queuedBytes > 50_000)
            let after = OutboundFrame(text: "4" + String(repeating: "y", count: 30_000))
            for _ in 0..<2 { try await server.broadcast(after) }
            #expect(await server.server.statistics().closed == [:])
            try await server.broadcast(after)
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
            await socket.close()
        }
    }

    @Test func whoTakesNothingOfThemIsClosedByTheirAge() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 50_000
            $0.maxQueuedAge = .milliseconds(100)
        } _: { server in
            let client = try await server.connect()
            _ = try await client.openPolling()
            try await server.send(missed: missed)
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }

    @Test func aPollerGetsThemInPortions() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 50_000
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await server.send(missed: missed)
            try await server.broadcast(OutboundFrame(text: "4last"))
            var packets: [Substring] = []
            while packets.last != "4last" {
                let answer = try await client.poll(sid).body
                #expect(answer.utf8.count < 300_000)
                packets += answer.split(separator: "\u{1e}")
            }
            #expect(packets.dropLast().map(Self.number) == Array(10..<50))
            #expect(await server.server.statistics().closed == [:])
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }

    /// A poll is pending when they are sent: it gets the first portion, and what is left still has its time.
    @Test func aPollerThatStopsAmidThemIsClosedByTheirAge() async throws {
        try await EchoServer.run {
            $0.maxQueuedAge = .seconds(1)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            async let first = client.poll(sid)
            try await server.pollIsPending()
            try await server.send(missed: missed)
            #expect(try await first.body.split(separator: "\u{1e}").map(Self.number) == [10, 11])
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }
}
