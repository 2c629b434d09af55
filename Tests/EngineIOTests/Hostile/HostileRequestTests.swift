import EngineIO
import EngineIOCore
import NIOCore
import Synchronization
import TestSupport
import Testing

/// Requests that no good client sends. Each gets what the RFC or the reference gives, and leaves nothing behind; a neighbour's echoes go on.
@Suite("Hostile requests", .timeLimit(.minutes(2)))
struct HostileRequestTests {
    private let path = RawConnection.enginePath

    /// Runs `body` beside a neighbour that echoes before, during and after it, and looks whether anything is left.
    private func run(
        _ configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EchoServer, _ neighbour: () async throws -> Void) async throws -> Void
    ) async throws {
        try await EchoServer.run(loops: 2, configure) { server in
            let socket = try await server.webSocket()
            var number = 0
            func echo() async throws {
                for _ in 0..<10 {
                    number += 1
                    try await socket.send(clientFrame("4\(number)"))
                    #expect(try await socket.message() == .text("4\(number)"))
                }
            }
            try await echo()
            try await body(server, echo)
            try await echo()
            try await socket.send(clientFrame("4close"))
            #expect(try await socket.message() == .close(nil))
            try await server.idle()
            // What a closed polling session has left for its client waits for a second at most.
            var statistics = await server.server.statistics()
            let deadline = ContinuousClock.now + .seconds(60)
            while statistics.queuedBytes > 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                statistics = await server.server.statistics()
            }
            #expect(statistics.openPolling == 0)
            #expect(statistics.openWebSocket == 0)
            #expect(statistics.queuedBytes == 0)
        }
    }

    /// Sends `bytes` one at a time until the server ends the connection, and returns what it said before.
    private func drip(_ bytes: String, into client: RawConnection) async throws -> String {
        let sender = Task {
            for byte in bytes.utf8 {
                try await client.send(ByteBuffer(bytes: [byte]))
                // The drip itself: slower than a good client, faster than any time-out.
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        defer { sender.cancel() }
        return String(buffer: try await client.end())
    }

    @Test func aHeadAtOneByteATimeEndsWithTheHandshakeTimeout() async throws {
        try await run {
            $0.handshakeTimeout = .seconds(3)
        } _: { server, echo in
            let client = try await server.connect()
            let head = "GET \(path) HTTP/1.1\r\nHost: test\r\nX-Padding: " + String(repeating: "a", count: 100_000)
            async let said = drip(head, into: client)
            try await echo()
            #expect(try await said == "")
        }
    }

    @Test func aSecondHeadAtOneByteATimeEndsWithTheKeepAliveTimeout() async throws {
        try await run {
            $0.keepAliveTimeout = .milliseconds(300)
        } _: { server, echo in
            let client = try await server.connect()
            #expect(try await client.exchange("GET", "/").status == 404)
            async let said = drip("GET / HTTP/1.1\r\nX-Padding: " + String(repeating: "a", count: 100_000), into: client)
            try await echo()
            #expect(try await said == "")
        }
    }

    @Test(arguments: ["", "GET /socket.io/?EIO=4"])
    func aFirstRequestThatDoesNotComeIsCounted(_ beginning: String) async throws {
        try await run {
            $0.handshakeTimeout = .seconds(3)
        } _: { server, echo in
            let client = try await server.connect()
            try await client.send(beginning)
            #expect(String(buffer: try await client.end()) == "")
            #expect(await server.server.statistics().httpTimeouts == 1)
            try await echo()
        }
    }

    @Test(arguments: ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n186a0\r\n"])
    func aBodyAtOneByteATimeEndsAfterTheTimeOfAPing(_ framing: String) async throws {
        try await run {
            $0.pingInterval = .milliseconds(200)
            $0.pingTimeout = .seconds(5)
            $0.keepAliveTimeout = .seconds(60)
        } _: { server, echo in
            let client = try await server.connect()
            try await client.send("POST \(path)&sid=AAabcdefghijklmnopqr HTTP/1.1\r\nHost: test\r\n\(framing)")
            let isOver = Atomic(false)
            let said = Task {
                defer { isOver.store(true, ordering: .releasing) }
                return try await drip(String(repeating: "a", count: 100_000), into: client)
            }
            // Answers its pings meanwhile.
            while !isOver.load(ordering: .acquiring) { try await echo() }
            #expect(try await said.value == "")
            #expect(await server.server.statistics().httpTimeouts == 1)
        }
    }

    @Test func aChunkedBodyWithoutEndIsRefusedAtTheLimit() async throws {
        try await run {
            $0.maxPayload = 100_000
        } _: { server, echo in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let flood = try await server.connect()
            try await flood.send("POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "2710\r\n" + String(repeating: "a", count: 10_000) + "\r\n"
            for _ in 0..<11 { try? await flood.send(chunk) }
            #expect(try await flood.answer().status == 413)
            try await echo()
            #expect(await server.server.statistics().oversizedRequests == 1)
            // The session has not seen a byte of it.
            #expect(try await client.post(sid, "4still here").body == "ok")
            #expect(try await client.poll(sid).body == "4still here")
            #expect(try await client.post(sid, "1").body == "ok")
            await flood.close()
        }
    }

    /// Of two loops, the one that has the connection and the other; no session's id; no id.
    @Test(arguments: ["&sid=AAabcdefghijklmnopqr", "&sid=ABabcdefghijklmnopqr", "&sid=x", ""])
    func aLargeBodyForNoSessionIsRefusedBeforeItHasCome(_ sid: String) async throws {
        try await run { server, echo in
            let client = try await server.connect()
            try await client.send("POST \(path)\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n")
            try await client.send(String(repeating: "a", count: 20_000))
            #expect(try await client.answer().status == 400)
            try await echo()
            await client.close()
        }
    }

    @Test func aBodyShorterThanItsLengthIsNoRequest() async throws {
        try await run { server, echo in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let liar = try await server.connect()
            try await liar.send("POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n4lie")
            await liar.closeOutput()
            try await liar.end()
            try await echo()
            #expect(try await client.post(sid, "4truth").body == "ok")
            #expect(try await client.poll(sid).body == "4truth")
            #expect(try await client.post(sid, "1").body == "ok")
        }
    }

    @Test func whatFollowsABodyLongerThanItsLengthIsNoPartOfIt() async throws {
        try await run { server, _ in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let liar = try await server.connect()
            try await liar.send("POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n4abcdef\r\n\r\n")
            #expect(try await liar.answer().body == "ok")
            #expect(try await liar.answer().status == 400)
            try await liar.end()
            #expect(try await client.poll(sid).body == "4a")
            #expect(try await client.post(sid, "1").body == "ok")
        }
    }

    /// RFC 9112, sections 6.1 and 6.3: a length that is none, or two of them, or one beside an encoding, could smuggle a request.
    @Test(arguments: [
        "Content-Length: -1", "Content-Length: 1x", "Content-Length: 99999999999999999999999", "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 2",
    ])
    func aLengthThatIsNoneIsRefused(_ headers: String) async throws {
        try await run { server, _ in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let liar = try await server.connect()
            try await liar.send("POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\r\n4a")
            #expect(try await liar.answer().status == 400)
            try await liar.end()
            #expect(try await client.post(sid, "1").body == "ok")
        }
    }

    @Test(arguments: ["zz\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "2\r\nabcd\r\n"])
    func aChunkThatIsNoneEndsTheConnection(_ chunk: String) async throws {
        try await run { server, _ in
            let client = try await server.connect()
            try await client.send(
                "POST \(path)&sid=AAabcdefghijklmnopqr HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)"
            )
            try await client.end()
        }
    }

    @Test(arguments: [1, 1_000]) func headersWithoutEndAreRefused(_ count: Int) async throws {
        try await run { server, echo in
            let client = try await server.connect()
            try await client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n")
            let header = "X-Flood: " + String(repeating: "a", count: 200_000 / count)
            for _ in 0..<count { try? await client.send(header + (count > 1 ? "\r\n" : "")) }
            #expect(try await client.answer().status == 431)
            try await echo()
            try await client.end()
        }
    }

    /// RFC 9112, section 3.2.
    @Test(arguments: [
        ("HTTP/1.1\r\n", 400), ("HTTP/1.1\r\nHost: a\r\nhost: a\r\n", 400), ("HTTP/1.1\r\nHost:\r\n", 200), ("HTTP/1.0\r\n", 200),
        ("HTTP/1.1\r\nExpect: 100-continue\r\n", 400),
    ])
    func aRequestSaysForWhichHostItIs(_ rest: String, _ status: Int) async throws {
        try await run { server, echo in
            let client = try await server.connect()
            try await client.send("GET \(path) \(rest)\r\n")
            let answer = try await client.answer()
            #expect(answer.status == status)
            if status == 200 {
                let sid = String(answer.body.dropFirst(#"0{"sid":""#.count).prefix(20))
                #expect(try await server.connect().post(sid, "1").body == "ok")
            }
            // A WebSocket is no other request.
            let webSocket = try await server.connect()
            let head = [
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
            ]
            try await webSocket.send(head.joined(separator: "\r\n"))
            #expect(try await webSocket.answer().status == 400)
            try await echo()
        }
    }

    @Test func aFloodOfPipelinedRequestsIsAnsweredInOrder() async throws {
        try await run { server, echo in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let count = 2_000
            let requests = (0..<count).map { number in
                let body = "4\(number)"
                return "POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            async let sent: Void = client.send(requests.joined())
            try await echo()
            for _ in 0..<count { #expect(try await client.answer().body == "ok") }
            try await sent
            #expect(try await client.poll(sid).body == (0..<count).map { "4\($0)" }.joined(separator: "\u{1E}"))
            #expect(try await client.post(sid, "1").body == "ok")
        }
    }

    /// The HTTP decoder takes a tab behind a token for a part of it. What is no upgrade to it is none: it goes on to read requests.
    @Test(arguments: ["Upgrade\t", "Upgrade\t, keep-alive", "keep-alive, Upgrade\t", "\tUpgrade\t"])
    func whatIsNoUpgradeToTheDecoderIsNone(_ connection: String) async throws {
        try await run { server, echo in
            let client = try await server.connect()
            let lines = [
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: test", "Connection: \(connection)", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "GET / HTTP/1.1", "Host: test", "", "",
            ]
            try await client.send(lines.joined(separator: "\r\n"))
            #expect(try await client.answer().status == 400)
            try await echo()
            await client.close()
        }
    }

    @Test func aRequestBehindAnUpgradeIsNoRequest() async throws {
        try await run { server, echo in
            // In one piece, by the handlers of HTTP: a tab keeps the short way off.
            let head = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: test", "X: \t"] + RawConnection.upgradeHeaders
            let client = try await server.connect()
            try await client.send(
                (head + ["", "GET / HTTP/1.1", "Host: test", "X: " + String(repeating: "x", count: 100), "", ""]).joined(separator: "\r\n")
            )
            #expect(try await client.answer().status == 101)
            #expect(try await client.frame().string.hasPrefix("0{"))
            // `G` and `E` begin no frame that there is, of 69 bytes.
            #expect(try await client.frame().opcode == 8)
            try await echo()
            await client.close()
        }
    }

    @Test(arguments: ["Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", "Connection: upgrade\r\nUpgrade: x\r\n"])
    func behindARequestForAnotherProtocolTheConnectionIsClosed(_ headers: String) async throws {
        try await run { server, echo in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 404)
            #expect(answer.headers["connection"] == "close")
            try await client.end()
            try await echo()
        }
    }

    @Test func whoReadsNoAnswersGetsNoMoreAndIsLetGo() async throws {
        try await EchoServer.run {
            $0.maxQueuedAge = .milliseconds(300)
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await client.stopReading()
            let body = "4" + String(repeating: "a", count: 50_000)
            let echo =
                "POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                + "GET \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\n\r\n"
            // The server reads no more than it may answer, and ends the connection when that has lasted.
            await #expect(throws: (any Error).self) {
                while true { try await client.send(echo) }
            }
            #expect(await server.server.statistics().httpTimeouts == 1)
            await client.close()
        }
    }

    @Test func aProbeOfNoSessionIsRefused() async throws {
        try await run { server, _ in
            for sid in ["AAabcdefghijklmnopqr", "ABabcdefghijklmnopqr", "x"] {
                let client = try await server.connect()
                try await client.request("GET", "/socket.io/?EIO=4&transport=websocket&sid=\(sid)", headers: RawConnection.upgradeHeaders)
                try await client.send(clientFrame("2probe"))
                #expect(try await client.answer().status == 400)
                try await client.end()
            }
        }
    }

    @Test func manyUpgradesAtOnceLeaveOneTransport() async throws {
        try await run { server, echo in
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            var probes: [RawConnection] = []
            for _ in 0..<20 {
                let probe = try await server.connect()
                try await probe.request("GET", "/socket.io/?EIO=4&transport=websocket&sid=\(sid)", headers: RawConnection.upgradeHeaders)
                probes.append(probe)
            }
            try await echo()
            var winners: [RawConnection] = []
            for probe in probes {
                #expect(try await probe.answer().status == 101)
                try? await probe.send(clientFrame("2probe"))
            }
            for probe in probes {
                if try await probe.frame() == .text("3probe") { winners.append(probe) } else { try await probe.end() }
            }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            try await winner.send(clientFrame("5"))
            try await winner.send(clientFrame("4here"))
            #expect(try await winner.message() == .text("4here"))
            try await winner.send(clientFrame("4close"))
            #expect(try await winner.message() == .close(nil))
        }
    }
}
