import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Polling")
struct PollingTests {
    private let path = RawConnection.enginePath

    @Test func handshake() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let answer = try await client.exchange("GET", path)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/plain; charset=UTF-8")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.body.hasPrefix(#"0{"sid":""#))
            #expect(answer.body.hasSuffix(#","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#))
        }
    }

    @Test func echo() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let answer = try await client.post(sid, "4hello\u{1E}4é")
            #expect(answer.status == 200)
            #expect(answer.body == "ok")
            #expect(answer.headers["content-type"] == "text/html")
            #expect(try await client.poll(sid).body == "4hello\u{1E}4é")
            for payload in ["bAQIDBA==", "4hello\u{1E}bAQIDBA==", "bAQIDBA==\u{1E}4hello"] {
                #expect(try await client.post(sid, payload).body == "ok")
                #expect(try await client.poll(sid).body == payload)
            }
        }
    }

    @Test func aHeldPollIsAnsweredWhenThereIsSomething() async throws {
        try await EchoServer.run(loops: 2) { server in
            let poller = try await server.connect()
            let poster = try await server.connect()
            let sid = try await poller.openPolling()
            for round in 0..<20 {
                try await poller.request("GET", path + "&sid=\(sid)")
                #expect(try await poster.post(sid, "4\(round)").body == "ok")
                #expect(try await poller.answer().body == "4\(round)")
            }
        }
    }

    @Test func requestsOfOneConnectionMayBePipelined() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let post = "POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n"
            let poll = "GET \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\n\r\n"
            try await client.send(post + "4a" + poll + post + "4b" + poll + "GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n")
            for body in ["ok", "4a", "ok", "4b"] { #expect(try await client.answer().body == body) }
            #expect(try await client.answer().status == 404)
        }
    }

    @Test func aRequestMayComeByteByByte() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            for byte in "POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n4é".utf8 {
                try await client.send(ByteBuffer(bytes: [byte]))
            }
            #expect(try await client.answer().body == "ok")
            #expect(try await client.poll(sid).body == "4é")
        }
    }

    @Test func theBodyIsSentAfter100Continue() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await client.send("POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.answer().status == 100)
            try await client.send("4a")
            #expect(try await client.answer().body == "ok")
        }
    }

    @Test func theConnectionClosesWhereTheClientAsksForIt() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let answer = try await client.exchange("GET", path, headers: ["Connection: close"])
            #expect(answer.status == 200)
            #expect(answer.headers["connection"] == "close")
            try await client.end()
        }
    }

    @Test(arguments: [1, 2])
    func overlappingPollsEndTheSession(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            let first = try await server.connect()
            let second = try await server.connect()
            let sid = try await first.openPolling()
            // The first is pending once an echo of its own loop has come back.
            try await first.request("GET", path + "&sid=\(sid)")
            #expect(try await second.post(sid, "4a").body == "ok")
            #expect(try await first.answer().body == "4a")
            try await first.request("GET", path + "&sid=\(sid)")
            let third = try await server.connect()
            try await third.request("GET", path + "&sid=\(sid)")
            // Whichever came first is ended with a close packet, the other one refused.
            let answers = [try await first.answer(), try await third.answer()].sorted { $0.status < $1.status }
            #expect(answers[0].status == 200)
            #expect(answers[0].body == "1")
            #expect(answers[1].status == 400)
            #expect(answers[1].body == "")
            try await server.closed(.transportError)
            let gone = try await second.poll(sid)
            #expect(gone.status == 400)
            #expect(gone.body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func aClosePacketEndsTheSession() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "1").body == "ok")
            try await server.closed(.transportClose)
            #expect(try await client.poll(sid).status == 400)
        }
    }

    @Test func aClosePacketReleasesAHeldPollWithANoop() async throws {
        try await EchoServer.run { server in
            // Released already where there is something to send.
            for (body, answer) in [("1", "6"), ("4a\u{1E}1", "4a")] {
                let poller = try await server.connect()
                let poster = try await server.connect()
                let sid = try await poller.openPolling()
                try await poller.request("GET", path + "&sid=\(sid)")
                #expect(try await poster.post(sid, body).body == "ok")
                #expect(try await poller.answer().body == answer)
                #expect(try await poller.poll(sid).body == EngineRequestError.unknownSession.body)
            }
        }
    }

    @Test(arguments: ["2", "x", "4a\u{1E}", "b!"])
    func aBadPacketIsAnsweredOkThenTheSessionIsGone(_ body: String) async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, body).body == "ok")
            try await server.closed(.parseError)
            #expect(try await client.poll(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func closedByTheServerAHeldPollGetsAClosePacket() async throws {
        try await EchoServer.run { server in
            let poller = try await server.connect()
            let poster = try await server.connect()
            let sid = try await poller.openPolling()
            try await poller.request("GET", path + "&sid=\(sid)")
            #expect(try await poster.post(sid, "4a").body == "ok")
            #expect(try await poller.answer().body == "4a")
            try await poller.request("GET", path + "&sid=\(sid)")
            #expect(try await poster.post(sid, "4b\u{1E}4close").body == "ok")
            #expect(try await poller.answer().body == "4b")
            #expect(try await poller.poll(sid).body == "1")
        }
    }

    @Test(arguments: [1, 2])
    func anAbandonedPollEndsTheSession(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) { server in
            let opener = try await server.connect()
            let sid = try await opener.openPolling()
            let poller = try await server.connect()
            try await poller.request("GET", path + "&sid=\(sid)")
            #expect(try await opener.post(sid, "4a").body == "ok")
            #expect(try await poller.answer().body == "4a")
            try await poller.request("GET", path + "&sid=\(sid)")
            await poller.close()
            try await server.closed(.transportError)
        }
    }
}
