import EngineIO
import EngineIOCore
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("Headers and paths")
struct HandshakeHeaderTests {
    private let path = RawConnection.enginePath

    @Test func theCookieComesWithTheHandshakeOnly() async throws {
        try await EchoServer.run {
            $0.cookie = HandshakeCookie()
        } _: { server in
            let client = try await server.connect()
            let opened = try await client.exchange("GET", path)
            let sid = String(opened.body.dropFirst(#"0{"sid":""#.count).prefix(20))
            #expect(opened.headers["set-cookie"] == "io=\(sid); Path=/; HttpOnly; SameSite=Lax")
            #expect(try await client.post(sid, "4a").headers["set-cookie"] == nil)
            #expect(try await client.poll(sid).headers["set-cookie"] == nil)
            #expect(try await client.exchange("GET", "/socket.io/?EIO=3&transport=polling").headers["set-cookie"] == nil)
        }
    }

    @Test func noCookieUnlessAskedFor() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let opened = try await client.exchange("GET", path)
            #expect(opened.headers["set-cookie"] == nil)
        }
    }

    @Test(arguments: [1, 2])
    func headersMayBeAddedToTheFirstAnswerAndToAll(_ loops: Int) async throws {
        try await EchoServer.run(loops: loops) {
            $0.initialHeaders = { request, headers in headers.add(name: "x-first", value: request.method.rawValue) }
            $0.headers = { _, headers in headers.add(name: "x-all", value: headers.contains(name: "x-first") ? "first" : "later") }
        } _: { server in
            let client = try await server.connect()
            let opened = try await client.exchange("GET", path)
            #expect(opened.headers["x-first"] == "GET")
            #expect(opened.headers["x-all"] == "first")
            let sid = String(opened.body.dropFirst(#"0{"sid":""#.count).prefix(20))
            for answer in [try await client.post(sid, "4a"), try await client.poll(sid)] {
                #expect(answer.headers["x-first"] == nil)
                #expect(answer.headers["x-all"] == "later")
            }
            let upgraded = try await server.connect().upgrade(sid)
            #expect(upgraded.headers["x-first"] == nil)
            #expect(upgraded.headers["x-all"] == "later")
            let socket = try await server.connect().upgrade()
            #expect(socket.headers["x-first"] == "GET")
            #expect(socket.headers["x-all"] == "first")
        }
    }

    @Test func thePathIsASettingAndSoIsItsSlash() async throws {
        try await EchoServer.run {
            $0.path = "/live"
            $0.addTrailingSlash = false
        } _: { server in
            let client = try await server.connect()
            for path in ["/live?EIO=4&transport=polling", "/live/?EIO=4&transport=polling"] {
                #expect(try await client.exchange("GET", path).status == 200)
            }
            #expect(try await client.exchange("GET", path).status == 404)
        }
        try await EchoServer.run {
            $0.path = "/live"
        } _: { server in
            let client = try await server.connect()
            #expect(try await client.exchange("GET", "/live/?EIO=4&transport=polling").status == 200)
            #expect(try await client.exchange("GET", "/live?EIO=4&transport=polling").status == 404)
        }
    }

    @Test(arguments: [TransportKind.polling, .websocket])
    func aTransportThatIsNotOfferedIsUnknown(_ transport: TransportKind) async throws {
        try await EchoServer.run {
            $0.transports = [transport]
        } _: { server in
            let client = try await server.connect()
            let polling = try await client.exchange("GET", path)
            #expect(polling.status == (transport == .polling ? 200 : 400))
            if transport == .polling { #expect(polling.body.contains(#""upgrades":[]"#)) }
            let upgrade = try await server.connect().upgrade()
            #expect(upgrade.status == (transport == .websocket ? 101 : 400))
            if transport == .polling { #expect(upgrade.body == "Transport unknown") }
        }
    }

    @Test func preflightRequestsAreAnsweredAsThePolicySays() async throws {
        try await EchoServer.run {
            $0.cors = .origins(["https://a.example"])
            $0.cors.preflightStatus = .ok
            $0.cors.maxAge = .seconds(60)
        } _: { server in
            let client = try await server.connect()
            let headers = ["Origin: https://a.example", "Access-Control-Request-Headers: x-a"]
            let answer = try await client.exchange("OPTIONS", path, headers: headers)
            #expect(answer.status == 200)
            #expect(answer.headers["access-control-allow-origin"] == "https://a.example")
            #expect(answer.headers["access-control-allow-credentials"] == "true")
            #expect(answer.headers["access-control-allow-headers"] == "x-a")
            #expect(answer.headers["access-control-max-age"] == "60")
            let other = try await client.exchange("OPTIONS", path, headers: ["Origin: https://b.example"])
            #expect(other.headers["access-control-allow-origin"] == nil)
        }
    }
}
