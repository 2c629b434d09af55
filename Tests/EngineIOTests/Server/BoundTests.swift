import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Bounds")
struct BoundTests {
    @Test func pingsAndPongs() async throws {
        try await EchoServer.run {
            $0.pingInterval = .milliseconds(50)
        } _: { server in
            let socket = try await server.webSocket()
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            for _ in 0..<3 {
                #expect(try await socket.frame() == .text("2"))
                try await socket.send(clientFrame("3"))
                #expect(try await poller.poll(sid).body == "2")
                #expect(try await poller.post(sid, "3").body == "ok")
            }
        }
    }

    /// RFC 6455, section 5.5.3.
    @Test func ofThePingsOfAClientThatDoesNotReadTheLastIsAnswered() async throws {
        try await EchoServer.run {
            // To make and to send so many takes a busy machine a minute.
            $0.pingInterval = .seconds(600)
            $0.maxQueuedAge = .seconds(600)
        } _: { server in
            let client = try await server.webSocket()
            try await client.stopReading()
            let (count, padding) = (100_000, ByteBuffer(repeating: 0x20, count: 117))
            var pings = ByteBuffer()
            for number in 1...count {
                var payload = ByteBuffer(integer: number)
                payload.writeImmutableBuffer(padding)
                pings.writeImmutableBuffer(clientFrame(9, payload))
            }
            try await client.send(pings)
            try await client.startReading()
            var (answers, last) = (0, 0)
            while last < count {
                let frame = try await client.frame()
                guard frame.opcode == 10 else { continue }
                #expect(frame.payload.getInteger(at: frame.payload.readerIndex) ?? 0 > last)
                last = frame.payload.getInteger(at: frame.payload.readerIndex) ?? count
                answers += 1
            }
            #expect(answers < count)
            await client.close()
        }
    }

    @Test func aPingWithoutPongClosesTheWebSocket() async throws {
        try await EchoServer.run {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .milliseconds(50)
        } _: { server in
            let client = try await server.webSocket()
            #expect(try await client.frame() == .text("2"))
            #expect(try await client.frame() == .close(nil))
            try await server.closed(.pingTimeout)
        }
    }

    @Test func aPingWithoutPongEndsAHeldPoll() async throws {
        try await EchoServer.run {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .seconds(6)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.poll(sid).body == "2")
            #expect(try await client.poll(sid).body == "1")
            try await server.closed(.pingTimeout)
        }
    }

    @Test func aSessionThatNeverPollsEndsToo() async throws {
        try await EchoServer.run {
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .milliseconds(40)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await server.closed(.pingTimeout)
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func aConnectionThatAsksNothingIsClosed() async throws {
        try await EchoServer.run {
            $0.handshakeTimeout = .milliseconds(50)
        } _: { server in
            let silent = try await server.connect()
            try await silent.end()
        }
    }

    @Test func anIdleConnectionIsClosedAfterItsRequest() async throws {
        try await EchoServer.run {
            $0.keepAliveTimeout = .milliseconds(50)
        } _: { server in
            let client = try await server.connect()
            #expect(try await client.exchange("GET", "/").status == 404)
            try await client.end()
        }
    }

    @Test func anAnswerThatIsReadSlowlyIsNotCutOff() async throws {
        try await EchoServer.run {
            $0.keepAliveTimeout = .milliseconds(100)
            $0.maxUnsentBytes = 64 << 10
        } _: { server in
            let sid = try await server.connect().openPolling()
            let large = String(repeating: "x", count: 16 << 20)
            try await server.broadcast(OutboundFrame(text: "4" + large))
            let client = try await server.connect()
            try await client.stopReading()
            try await client.request("GET", RawConnection.enginePath + "&sid=" + sid)
            // Longer than a connection may be idle: this one is not.
            try await Task.sleep(for: .milliseconds(500))
            try await client.startReading()
            #expect(try await client.answer().body == "4" + large)
            // Now it is.
            try await client.end()
        }
    }

    @Test func whoReadsNothingOfAnAnswerIsCutOff() async throws {
        try await EchoServer.run {
            $0.maxQueuedAge = .milliseconds(200)
            $0.maxUnsentBytes = 64 << 10
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await server.broadcast(OutboundFrame(text: "4" + String(repeating: "x", count: 16 << 20)))
            try await client.stopReading()
            try await client.request("GET", RawConnection.enginePath + "&sid=" + sid)
            while await server.server.statistics().openHTTP > 0 { try await Task.sleep(for: .milliseconds(10)) }
            await client.close()
        }
    }

    @Test func aClientThatDoesNotReadIsClosedAtTheBoundAndItsMemoryIsFree() async throws {
        try await EchoServer.run { server in
            let neighbour = try await server.webSocket()
            let slow = try await server.webSocket()
            try await slow.stopReading()
            try await slow.send(clientFrame("4flood"))
            try await server.closed(.slowConsumer)
            let statistics = await server.server.statistics()
            #expect(statistics.queuedBytes == 0)
            #expect(statistics.openWebSocket == 1)
            #expect(statistics.closed == [.slowConsumer: 1])
            try await neighbour.send(clientFrame("4a"))
            #expect(try await neighbour.frame() == .text("4a"))
            await slow.close()
        }
    }

    @Test func aPollerThatDoesNotPollIsClosedAtTheBound() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4flood").body == "ok")
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    /// A polling client is between two requests for a moment after each of them, and no slower for that.
    @Test func messagesThatFindLessThanTheBoundAreTakenInWhateverTheirSize() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let large = String(repeating: "x", count: 999_990)
            // Nothing, and then one of nearly a megabyte, waits.
            try await server.broadcast(OutboundFrame(text: "4" + large), OutboundFrame(text: "4" + large))
            #expect(try await client.poll(sid).body == "4\(large)\u{1e}4\(large)")
            #expect(await server.server.statistics().closed == [:])
            // Now two are more than the bound, and what comes then is too much.
            try await server.broadcast(OutboundFrame(text: "4" + large), OutboundFrame(text: "4" + large), OutboundFrame(text: "4x"))
            try await server.closed(.slowConsumer)
        }
    }

    @Test func bytesThatWaitTooLongCloseTheConnection() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = .max
            $0.maxQueuedAge = .milliseconds(100)
        } _: { server in
            let slow = try await server.webSocket()
            try await slow.stopReading()
            try await slow.send(clientFrame("4burst"))
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
            await slow.close()
        }
    }

    @Test func shutdownClosesEverySession() async throws {
        try await EchoServer.run(loops: 2) { server in
            let socket = try await server.webSocket()
            let poller = try await server.connect()
            _ = try await poller.openPolling()
            await server.server.shutdown()
            #expect(try await socket.frame() == .close(nil))
            try await server.idle()
            let statistics = await server.server.statistics()
            #expect(statistics.closed == [.serverShuttingDown: 2])
            #expect(statistics.openWebSocket == 0)
            #expect(statistics.openPolling == 0)
        }
    }
}
