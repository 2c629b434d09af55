import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Upgrade")
struct UpgradeTests {
    private let path = RawConnection.enginePath

    /// Connections go to the loops in turn, so that of these sessions some meet their WebSocket on their own loop, some on the other.
    /// `b64` may come with the upgrade only.
    @Test func theUpgradesWishForTextIsHeeded() async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            let uri = "/socket.io/?EIO=4&transport=websocket&b64=1&sid=\(sid)"
            #expect(try await socket.exchange("GET", uri, headers: RawConnection.upgradeHeaders).status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            try await socket.send(clientFrame("5"))
            try await socket.send(clientFrame(2, ByteBuffer(bytes: [1, 2, 3])))
            #expect(try await socket.frame() == .text("bAQID"))
            await socket.close()
        }
    }

    @Test(arguments: [1, 2])
    func pollingMovesToWebSocket(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            for round in 0..<8 {
                let poller = try await server.connect()
                let sid = try await poller.openPolling()
                if round % 2 == 1 { _ = try await server.connect().exchange("GET", "/") }
                try await poller.request("GET", path + "&sid=\(sid)")

                let socket = try await server.connect()
                #expect(try await socket.upgrade(sid).status == 101)
                try await socket.send(clientFrame("2probe"))
                #expect(try await socket.frame() == .text("3probe"))
                #expect(try await poller.answer().body == "6")
                try await socket.send(clientFrame("5"))
                try await socket.send(clientFrame("4round \(round)"))
                #expect(try await socket.frame() == .text("4round \(round)"))

                let late = try await poller.poll(sid)
                #expect(late.status == 400)
                #expect(late.body == EngineRequestError.badRequest.body)
            }
            let statistics = await server.server.statistics()
            #expect(statistics.upgrades == 8)
            #expect(statistics.openWebSocket == 8)
            #expect(statistics.openPolling == 0)
        }
    }

    /// RFC 6455 (section 4.1) lets a client speak once it has the answer. What comes earlier is kept, also where the connection changes loops
    /// on the way: read with the request, behind it, or cut in two.
    @Test(arguments: [0, 1, 7])
    func framesThatComeBeforeTheAnswerAreKept(_ withTheRequest: Int) async throws {
        try await EchoServer.run(loops: 2) { server in
            for round in 0..<40 {
                let poller = try await server.connect()
                let sid = try await poller.openPolling()
                // Connections go to the loops in turn.
                if round % 2 == 1 { _ = try await server.connect().exchange("GET", "/") }
                let socket = try await server.connect()
                let head = ["GET /socket.io/?EIO=4&transport=websocket&sid=\(sid) HTTP/1.1", "Host: test"] + RawConnection.upgradeHeaders
                var early = ByteBuffer(string: head.joined(separator: "\r\n") + "\r\n\r\n")
                var frames = clientFrame("2probe")
                frames.writeImmutableBuffer(clientFrame("5"))
                frames.writeImmutableBuffer(clientFrame("4early \(round)"))
                let split = withTheRequest == 7 ? frames.readableBytes : withTheRequest * (round % frames.readableBytes)
                if let part = frames.readSlice(length: split) { early.writeImmutableBuffer(part) }
                try await socket.send(early)
                try await socket.send(frames)
                #expect(try await socket.answer().status == 101)
                #expect(try await socket.frame() == .text("3probe"))
                #expect(try await socket.frame() == .text("4early \(round)"))
                await socket.close()
                await poller.close()
            }
            try await server.idle()
        }
    }

    @Test func messagesDuringTheProbeAreNotLost() async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            #expect(try await poller.post(sid, "4a").body == "ok")
            #expect(try await poller.poll(sid).body == "4a")
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.post(sid, "4b\u{1E}4c").body == "ok")
            try await socket.send(clientFrame("5"))
            #expect(try await socket.frame() == .text("4b"))
            #expect(try await socket.frame() == .text("4c"))
        }
    }

    @Test func aPollAfterTheProbeIsReleasedAtOnce() async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.poll(sid).body == "6")
            try await socket.send(clientFrame("5"))
            try await socket.send(clientFrame("4a"))
            #expect(try await socket.frame() == .text("4a"))
        }
    }

    @Test func afterTheUpgradeAnotherWebSocketIsClosedAndTheFirstLivesOn() async throws {
        try await EchoServer.run { server in
            let sid = try await server.connect().openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            for text in ["2probe", "5", "4a"] { try await socket.send(clientFrame(text)) }
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await socket.frame() == .text("4a"))
            let other = try await server.connect()
            #expect(try await other.upgrade(sid).status == 101)
            #expect(try await other.frame() == .close(nil))
            try await socket.send(clientFrame("4b"))
            #expect(try await socket.frame() == .text("4b"))
        }
    }

    @Test func aLostProbeLeavesTheSessionPolling() async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let lost = try await server.connect()
            #expect(try await lost.upgrade(sid).status == 101)
            try await lost.send(clientFrame(8, ServerFrame.close(1000).payload))
            #expect(try await lost.frame() == .close(1000))
            #expect(try await poller.post(sid, "4a").body == "ok")
            #expect(try await poller.poll(sid).body == "4a")
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
        }
    }

    @Test(arguments: ["5", "2", "2other", "4a", "3probe"])
    func anotherPacketThanTheProbeClosesTheWebSocketOnly(_ text: String) async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let socket = try await server.connect()
            #expect(try await socket.upgrade(sid).status == 101)
            try await socket.send(clientFrame(text))
            #expect(try await socket.frame() == .close(nil))
            #expect(try await poller.post(sid, "4a").body == "ok")
            #expect(try await poller.poll(sid).body == "4a")
            // Free for another attempt, though the first has not closed its side yet.
            let next = try await server.connect()
            #expect(try await next.upgrade(sid).status == 101)
            try await next.send(clientFrame("2probe"))
            #expect(try await next.frame() == .text("3probe"))
            await socket.close()
        }
    }

    @Test func aSecondWebSocketIsClosed() async throws {
        try await EchoServer.run { server in
            let sid = try await server.connect().openPolling()
            let first = try await server.connect()
            #expect(try await first.upgrade(sid).status == 101)
            let second = try await server.connect()
            #expect(try await second.upgrade(sid).status == 101)
            #expect(try await second.frame() == .close(nil))
            try await first.send(clientFrame("2probe"))
            #expect(try await first.frame() == .text("3probe"))
        }
    }

    @Test func aProbeThatDoesNotBecomeTheTransportInTimeIsClosed() async throws {
        try await EchoServer.run {
            $0.upgradeTimeout = .seconds(4)
        } _: { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            for probes in [false, true] {
                let socket = try await server.connect()
                #expect(try await socket.upgrade(sid).status == 101)
                if probes {
                    try await socket.send(clientFrame("2probe"))
                    #expect(try await socket.frame() == .text("3probe"))
                }
                #expect(try await socket.frame() == .close(nil))
                try await socket.end()
            }
            #expect(try await poller.post(sid, "4a").body == "ok")
            #expect(try await poller.poll(sid).body == "4a")
        }
    }

    @Test func upgradesMayBeSwitchedOff() async throws {
        try await EchoServer.run {
            $0.allowUpgrades = false
        } _: { server in
            let poller = try await server.connect()
            let open = try await poller.exchange("GET", path).body
            #expect(open.contains(#""upgrades":[]"#))
            let sid = String(open.dropFirst(#"0{"sid":""#.count).prefix(20))
            let answer = try await server.connect().upgrade(sid)
            #expect(answer.status == 400)
            #expect(answer.body == "Bad request")
        }
    }
}
