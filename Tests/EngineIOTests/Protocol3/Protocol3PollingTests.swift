import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3: polling")
struct Protocol3PollingTests {
    private let path = RawConnection.enginePath3

    @Test func handshake() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            for uri in [path, "/socket.io/?transport=polling", "/socket.io/?EIO=abc&transport=polling", path + "&b64=1"] {
                let answer = try await client.exchange("GET", uri)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/plain; charset=UTF-8")
                #expect(answer.headers["cache-control"] == "no-store")
                let packet = answer.body.split(separator: ":", maxSplits: 1).last ?? ""
                #expect(answer.body.hasPrefix("\(packet.utf16.count):0{\"sid\":\""))
                #expect(packet.hasSuffix(#","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#))
            }
            let statistics = await server.server.statistics()
            #expect(statistics.opened == 4)
            #expect(statistics.openedProtocol3 == 4)
        }
    }

    @Test func itIsOffUnlessAllowed() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            for uri in [path, "/socket.io/?transport=polling", path + "&j=0"] {
                let answer = try await client.exchange("GET", uri)
                #expect(answer.status == 400)
                #expect(answer.body == EngineRequestError.unsupportedProtocolVersion.body)
            }
            let refused = try await server.connect().upgrade3()
            #expect(refused.status == 400)
            #expect(refused.body == "Unsupported protocol version")
        }
    }

    @Test func theOtherErrorsStay() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            for (method, uri, error) in [
                ("GET", "/socket.io/?EIO=3", EngineRequestError.unknownTransport),
                ("GET", "/socket.io/?EIO=3&transport=abc", .unknownTransport),
                ("POST", path, .badHandshakeMethod), ("GET", path + "&sid=unknown", .unknownSession),
                ("GET", "/socket.io/?EIO=3&transport=websocket", .badRequest),
            ] {
                let answer = try await client.exchange(method, uri, body: method == "POST" ? "1:2" : nil)
                #expect(answer.status == 400)
                #expect(answer.body == error.body)
            }
        }
    }

    @Test func protocol4IsServedBesideIt() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4a\u{1E}bAQID").body == "ok")
            #expect(try await client.poll(sid).body == "4a\u{1E}bAQID")
            #expect(try await client.exchange("GET", RawConnection.enginePath).body.contains(#""maxPayload":1000000"#))
            let statistics = await server.server.statistics()
            #expect(statistics.openedProtocol3 == 0)
        }
    }

    @Test func echo() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3("&b64=1")
            for payload in ["6:4hello", "6:4test16:4test26:4test3", "2:4€3:4😀1:4", "6:4hello10:b4AQIDBA==", "10:b4AQIDBA==6:4hello"] {
                let posted = try await client.post3(sid, payload)
                #expect(posted.status == 200)
                #expect(posted.body == "ok")
                #expect(posted.headers["content-type"] == "text/html")
                let polled = try await client.poll3(sid)
                #expect(polled.body == payload)
                #expect(polled.headers["content-type"] == "text/plain; charset=UTF-8")
            }
        }
    }

    /// Without `b64=1` a payload is bytes as soon as it holds a binary message.
    @Test func binaryMessagesComeAsBytes() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            #expect(try await client.post3(sid, "6:4hello10:b4AQIDBA==").body == "ok")
            let bytes = try await client.poll3(sid)
            #expect(bytes.headers["content-type"] == "application/octet-stream")
            #expect(bytes.bytes == ByteBuffer(bytes: [0, 6, 255] + Array("4hello".utf8) + [1, 5, 255, 4, 1, 2, 3, 4]))
            #expect(try await client.post3(sid, "2:4€").body == "ok")
            let text = try await client.poll3(sid)
            #expect(text.headers["content-type"] == "text/plain; charset=UTF-8")
            #expect(text.body == "2:4€")
        }
    }

    @Test func aPostMayBeBytes() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            let payload = ByteBuffer(bytes: [0, 4, 255, 0x34, 0xE2, 0x82, 0xAC, 1, 3, 255, 4, 0, 255])
            #expect(try await client.post3(sid, payload).body == "ok")
            #expect(try await client.poll3(sid).bytes == payload)
        }
    }

    @Test func aRequestMayComeByteByByte() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            for byte in "POST \(path)&sid=\(sid) HTTP/1.1\r\nHost: test\r\nContent-Length: 7\r\n\r\n3:4😀".utf8 {
                try await client.send(ByteBuffer(bytes: [byte]))
            }
            #expect(try await client.answer().body == "ok")
            #expect(try await client.poll3(sid).body == "3:4😀")
        }
    }

    @Test func aHeldPollIsAnsweredWhenThereIsSomething() async throws {
        try await EchoServer.run3(loops: 2) { server in
            let poller = try await server.connect()
            let poster = try await server.connect()
            let sid = try await poller.openPolling3()
            for round in 10..<30 {
                try await poller.request("GET", path + "&sid=\(sid)")
                #expect(try await poster.post3(sid, "3:4\(round)").body == "ok")
                #expect(try await poller.answer().body == "3:4\(round)")
            }
        }
    }

    @Test(arguments: ["abc", "", "2:4", "3:4a", "2:xa", "2:4a2:xa", "3:b4!", "1:3", "4a\u{1E}4b"])
    func aBadPayloadEndsTheSession(_ body: String) async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            // What can be read is answered before it is found to have no place in the protocol.
            #expect(try await client.post3(sid, body).status == (body == "1:3" ? 200 : 400))
            try await server.closed(.parseError)
            #expect(try await client.poll3(sid).body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func badBytesEndTheSession() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            for bytes: [UInt8] in [[2], [0, 2, 255, 0x34], [1, 2, 255, 9, 1], [0, 2, 255, 0x34, 0xC3]] {
                let sid = try await client.openPolling3()
                #expect(try await client.post3(sid, ByteBuffer(bytes: bytes)).status == 400)
                #expect(try await client.poll3(sid).body == EngineRequestError.unknownSession.body)
            }
        }
    }

    @Test(arguments: [1, 2])
    func overlappingPollsEndTheSession(_ loops: Int) async throws {
        try await EchoServer.run3(loops: loops) { server in
            let first = try await server.connect()
            let second = try await server.connect()
            let sid = try await first.openPolling3()
            try await first.request("GET", path + "&sid=\(sid)")
            try await second.request("GET", path + "&sid=\(sid)")
            // Whichever came first is ended with a close packet, the other one refused.
            let answers = [try await first.answer(), try await second.answer()].sorted { $0.status < $1.status }
            #expect(answers.map(\.status) == [200, 400])
            #expect(answers.map(\.body) == ["1:1", ""])
            try await server.closed(.transportError)
        }
    }

    @Test func aClosePacketReleasesAHeldPollWithANoop() async throws {
        try await EchoServer.run3 { server in
            for (body, answer) in [("1:1", "1:6"), ("2:4a1:1", "2:4a")] {
                let poller = try await server.connect()
                let poster = try await server.connect()
                let sid = try await poller.openPolling3()
                try await poller.request("GET", path + "&sid=\(sid)")
                #expect(try await poster.post3(sid, body).body == "ok")
                #expect(try await poller.answer().body == answer)
                #expect(try await poller.poll3(sid).body == EngineRequestError.unknownSession.body)
            }
        }
    }

    @Test func aBodyOverTheBoundIsRefused() async throws {
        try await EchoServer.run3 {
            $0.maxPayload = 1000
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            #expect(try await client.post3(sid, ByteBuffer(repeating: 0, count: 1001)).status == 413)
        }
    }
}
