import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3: heartbeat")
struct Protocol3HeartbeatTests {
    @Test func theServerAnswersPingsOverPolling() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3()
            for _ in 0..<3 {
                #expect(try await client.post3(sid, "1:2").body == "ok")
                #expect(try await client.poll3(sid).body == "1:3")
            }
            #expect(try await client.post3(sid, "6:2probe3:2é ").body == "ok")
            #expect(try await client.poll3(sid).body == "6:3probe3:3é ")
        }
    }

    @Test func theServerAnswersPingsOverWebSocket() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            for text in ["", "", "probe", "é"] {
                try await client.send(clientFrame("2" + text))
                #expect(try await client.frame() == .text("3" + text))
            }
        }
    }

    /// The session lives longer than interval and time-out together, because each ping counts anew.
    @Test(arguments: [true, false])
    func whoPingsLives(_ overWebSocket: Bool) async throws {
        try await EchoServer.run3 {
            $0.pingInterval = .seconds(5)
            $0.pingTimeout = .seconds(5)
        } _: { server in
            let clock = ContinuousClock()
            let end = clock.now + .seconds(12)
            let client = overWebSocket ? try await server.webSocket3() : try await server.connect()
            let sid = overWebSocket ? "" : try await client.openPolling3()
            while clock.now < end {
                try await Task.sleep(for: .milliseconds(200))
                if overWebSocket {
                    try await client.send(clientFrame("2"))
                    #expect(try await client.frame() == .text("3"))
                } else {
                    #expect(try await client.post3(sid, "1:2").body == "ok")
                    #expect(try await client.poll3(sid).body == "1:3")
                }
            }
        }
    }

    /// Messages are no pings, and the server sends none.
    @Test func whoIsSilentIsGone() async throws {
        try await EchoServer.run3 {
            $0.pingInterval = .seconds(2)
            $0.pingTimeout = .seconds(1)
        } _: { server in
            let socket = try await server.webSocket3()
            try await socket.send(clientFrame("4a"))
            #expect(try await socket.frame() == .text("4a"))
            #expect(try await socket.frame() == .close(nil))
            try await server.closed(.pingTimeout)
            let poller = try await server.connect()
            let sid = try await poller.openPolling3()
            try await server.idle()
            #expect(try await poller.post3(sid, "1:2").body == EngineRequestError.unknownSession.body)
        }
    }

    @Test func aPongOfTheClientHasNoPlace() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            try await client.send(clientFrame("3"))
            #expect(try await client.frame() == .close(nil))
            try await server.closed(.parseError)
        }
    }
}
