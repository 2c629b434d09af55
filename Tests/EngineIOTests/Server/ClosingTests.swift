import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Closing")
struct ClosingTests {
    private let path = RawConnection.enginePath

    @Test(arguments: [1, 2])
    func whatWasSentBeforeTheEndWaitsForTheNextPoll(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4a\u{1E}4close\u{1E}4ignored").body == "ok")
            try await server.closed(.forcedClose)
            // What else the client sends meanwhile is nobody's any more.
            #expect(try await client.post(sid, "4b").body == "ok")
            // Apart from what was sent: the stock client handles a `close` ahead of the events that come in one answer with it.
            let queued = try await client.poll(sid)
            #expect(queued.status == 200)
            #expect(queued.body == "4a")
            let last = try await client.poll(sid)
            #expect(last.status == 200)
            #expect(last.body == "1")
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
            let statistics = await server.server.statistics()
            #expect(statistics.queuedBytes == 0)
            #expect(statistics.openPolling == 0)
            #expect(statistics.closed == [.forcedClose: 1])
        }
    }

    @Test(arguments: [1, 2])
    func aPendingPollIsAnsweredWithWhatWasSentBeforeTheEnd(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            try await poller.request("GET", path + "&sid=\(sid)")
            // The GET must be there first; over another loop nobody else can tell.
            try await server.pollIsPending()
            #expect(try await server.connect().post(sid, "4a\u{1E}4close").body == "ok")
            #expect(try await poller.answer().body == "4a")
            #expect(try await poller.poll(sid).body == "1")
            #expect(try await poller.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    /// The stock client pauses its polling once it is told `3probe`: no GET comes any more.
    @Test(arguments: [1, 2])
    func whoIsAboutToUpgradeHearsTheEndOverTheWebSocket(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.post(sid, "4a\u{1E}4close").body == "ok")
            try await server.closed(.forcedClose)
            try await socket.send(clientFrame("5"))
            #expect(try await socket.frame() == .text("4a"))
            #expect(try await socket.frame() == .close(nil))
            try await server.forgotten()
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }

    @Test func aProbedWebSocketIsNotKeptForEver() async throws {
        try await EchoServer.run {
            $0.lastPollTimeout = .milliseconds(60)
        } _: { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.post(sid, "4close").body == "ok")
            #expect(try await socket.frame() == .close(nil))
            try await server.forgotten()
        }
    }

    @Test func theLastPacketsDoNotWaitForEver() async throws {
        try await EchoServer.run {
            $0.lastPollTimeout = .milliseconds(60)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4close").body == "ok")
            try await server.closed(.forcedClose)
            try await server.forgotten()
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func shutdownForgetsThemToo() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4a\u{1E}4close").body == "ok")
            try await server.closed(.forcedClose)
            await server.server.shutdown()
            let statistics = await server.server.statistics()
            #expect(statistics.queuedBytes == 0)
            #expect(statistics.closed == [.forcedClose: 1])
        }
    }

    @Test func aSessionClosedAtOnceStillSaysWhoItWas() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let answer = try await client.exchange("GET", path + "&close=1")
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix("0{"))
            #expect(answer.body.hasSuffix("}"))
            let sid = try #require(answer.body.split(separator: "\"").dropFirst(3).first)
            #expect(try await client.poll(String(sid)).body == "1")
            let socket = try await server.connect()
            let uri = "/socket.io/?EIO=4&transport=websocket&close=1"
            #expect(try await socket.exchange("GET", uri, headers: RawConnection.upgradeHeaders).status == 101)
            #expect(try await socket.frame().string.hasPrefix("0{"))
            #expect(try await socket.frame() == .close(nil))
            try await server.idle()
        }
    }

    @Test func aWebSocketOfASessionThatIsEndingIsClosed() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4close").body == "ok")
            try await server.closed(.forcedClose)
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            #expect(try await socket.frame() == .close(nil))
            #expect(try await client.poll(sid).body == "1")
        }
    }

    @Test func packetsThatNoPollTakesInTimeCloseTheSession() async throws {
        try await EchoServer.run {
            $0.maxQueuedAge = .milliseconds(100)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4a").body == "ok")
            try await server.closed(.slowConsumer)
            #expect(await server.server.statistics().queuedBytes == 0)
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func manyFramesOverTheBoundAreOneEnd() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 100_000
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            // 16 MiB in one pass.
            #expect(try await client.post(sid, "4burst").body == "ok")
            try await server.closed(.slowConsumer)
            let statistics = await server.server.statistics()
            #expect(statistics.closed == [.slowConsumer: 1])
            #expect(statistics.queuedBytes == 0)
        }
    }

    /// The official suite sends both at once; over two loops the POST may be there first.
    @Test func aPollThatItsClosePacketHasOvertakenIsReleasedAllTheSame() async throws {
        try await EchoServer.run(loops: 2) { server in
            for _ in 0..<20 {
                let poller = try await server.connect()
                let poster = try await server.connect()
                let sid = try await poller.openPolling()
                try await poller.request("GET", path + "&sid=\(sid)")
                #expect(try await poster.post(sid, "1").body == "ok")
                let released = try await poller.answer()
                #expect(released.status == 200)
                #expect(released.body == "6")
                #expect(try await poller.poll(sid).body == EngineRequestError.unknownSession.body)
            }
        }
    }

    @Test func onOneLoopAClosedSessionIsGoneAtOnce() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "1").body == "ok")
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    /// In one segment: what the HTTP decoder has read already must come along to the other loop.
    @Test(arguments: [1, 2])
    func framesRightBehindTheUpgradeAreNotLost(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            for round in 0..<12 {
                let sid = try await server.connect().openPolling()
                if round % 2 == 1 { _ = try await server.connect().exchange("GET", "/") }
                let socket = try await server.connect()
                let uri = "/socket.io/?EIO=4&transport=websocket&sid=\(sid)"
                var bytes = ByteBuffer(
                    string: (["GET \(uri) HTTP/1.1", "Host: test"] + RawConnection.upgradeHeaders).joined(separator: "\r\n") + "\r\n\r\n"
                )
                bytes.writeImmutableBuffer(clientFrame("2probe"))
                bytes.writeImmutableBuffer(clientFrame("5"))
                bytes.writeImmutableBuffer(clientFrame("4\(round)"))
                try await socket.send(bytes)
                #expect(try await socket.answer().status == 101)
                #expect(try await socket.frame() == .text("3probe"))
                #expect(try await socket.frame() == .text("4\(round)"))
                try await socket.send(clientFrame("4again"))
                #expect(try await socket.frame() == .text("4again"))
            }
        }
    }
}
