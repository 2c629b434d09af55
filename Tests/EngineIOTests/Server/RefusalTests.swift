import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Refusals")
struct RefusalTests {
    private let path = RawConnection.enginePath
    private let unknownSID = "AAabcdefghijklmnopqr"

    @Test(arguments: [
        ("GET", "/socket.io/", 0), ("GET", "/socket.io/?EIO=4&transport=x", 0), ("GET", "/socket.io/?EIO=4&transport=polling&sid=x", 1),
        ("GET", "/socket.io/?EIO=4", 0), ("POST", "/socket.io/?EIO=4&transport=polling", 2),
        ("PUT", "/socket.io/?EIO=4&transport=polling", 2), ("GET", "/socket.io/?EIO=4&transport=websocket", 3),
        ("GET", "/socket.io/?EIO=3&transport=polling", 5), ("GET", "/socket.io/?transport=polling", 5),
        ("GET", "/socket.io/?EIO=abc&transport=polling", 5),
    ])
    func handshakesAreRefusedWithTheirCode(_ method: String, _ uri: String, _ code: Int) async throws {
        let error = try #require(EngineRequestError(rawValue: code))
        try await EchoServer.run { server in
            let client = try await server.connect()
            let answer = try await client.exchange(method, uri)
            #expect(answer.status == 400)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.body == error.body)
            // The connection lives on.
            #expect(try await client.openPolling().utf8.count == 20)
        }
    }

    /// Of a loop of this server, of the other one, and of none.
    @Test(arguments: ["AA", "AB", "__"])
    func anUnknownSessionIsCode1(_ loop: String) async throws {
        let sid = loop + unknownSID.dropFirst(2)
        try await EchoServer.run(loops: 2) { server in
            for method in ["GET", "POST", "PUT"] {
                let answer = try await server.connect().exchange(method, path + "&sid=\(sid)", body: method == "POST" ? "4a" : nil)
                #expect(answer.status == 400)
                #expect(answer.body == EngineRequestError.unknownSession.body, "\(method)")
            }
            for _ in 0..<2 {
                let client = try await server.connect()
                let answer = try await client.upgrade(sid)
                #expect(answer.status == 400)
                #expect(answer.body == "Session ID unknown")
            }
        }
    }

    @Test func anotherMethodWithASessionIs500() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let answer = try await client.exchange("PUT", path + "&sid=\(sid)")
            #expect(answer.status == 500)
            #expect(try await client.post(sid, "4a").body == "ok")
        }
    }

    @Test func aPollOfAWebSocketSessionIsCode3() async throws {
        try await EchoServer.run { server in
            let socket = try await server.connect()
            _ = try await socket.upgrade()
            let open = try await socket.frame().string
            let sid = String(open.dropFirst(#"0{"sid":""#.count).prefix(20))
            let client = try await server.connect()
            #expect(try await client.poll(sid).body == EngineRequestError.badRequest.body)
            #expect(try await client.post(sid, "4a").body == EngineRequestError.badRequest.body)
        }
    }

    @Test func anotherPathFallsBack() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            for uri in ["/socket.io", "/socket.io?EIO=4&transport=polling", "/", "/socket.iox/", "/engine.io/?EIO=4&transport=polling"] {
                #expect(try await client.exchange("GET", uri).status == 404)
            }
            #expect(try await client.openPolling().utf8.count == 20)
        }
    }

    @Test func aBodyMayHaveMaxPayloadBytesButNoMore() async throws {
        try await EchoServer.run {
            $0.maxPayload = 1000
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "4" + String(repeating: "a", count: 999)).body == "ok")
            #expect(try await client.poll(sid).body.utf8.count == 1000)
            let answer = try await client.post(sid, "4" + String(repeating: "a", count: 1000))
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            #expect(await server.server.statistics().oversizedRequests == 1)
        }
    }

    @Test func binaryBodiesAreProtocol3s() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let answer = try await client.exchange(
                "POST",
                path + "&sid=\(sid)",
                headers: ["Content-Type: application/octet-stream"],
                body: "4a"
            )
            #expect(answer.status == 400)
            #expect(answer.body == "")
            try await server.closed(.transportError)
        }
    }

    @Test func aRefusedUpgradeIs400WithTheMessage() async throws {
        try await EchoServer.run { server in
            for (query, message) in [
                ("EIO=4&transport=x", "Transport unknown"), ("EIO=4", "Transport unknown"),
                ("transport=websocket", "Unsupported protocol version"), ("EIO=abc&transport=websocket", "Unsupported protocol version"),
                ("EIO=3&transport=websocket", "Unsupported protocol version"),
                ("EIO=4&transport=polling", "Bad request"), ("EIO=4&transport=websocket&sid=x", "Session ID unknown"),
            ] {
                let client = try await server.connect()
                let answer = try await client.exchange("GET", "/socket.io/?" + query, headers: RawConnection.upgradeHeaders)
                #expect(answer.status == 400)
                #expect(answer.body == message)
                #expect(answer.headers["content-type"] == "text/html")
                #expect(answer.headers["connection"] == "close")
                try await client.end()
            }
        }
    }

    @Test func whatIsNotHTTPIsAnswered400AndClosed() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            try await client.send("\u{16}\u{03}\u{01}nonsense\r\n\r\n")
            #expect(try await client.answer().status == 400)
            try await client.end()
        }
    }
}
