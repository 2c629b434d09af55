import EngineIOCore
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("Admission")
struct AdmissionTests {
    private let path = RawConnection.enginePath
    private let webSocketPath = "/socket.io/?EIO=4&transport=websocket"

    @Test func theApplicationDecidesOnEverySession() async throws {
        try await EchoServer.run {
            $0.allowRequest = { handshake in
                await Task.yield()
                switch handshake.query["user"] {
                case "good": return .allow
                case "told": return .refuse(message: "No \"entry\"\n")
                default: return .refuse()
                }
            }
        } _: { server in
            let client = try await server.connect()
            let refused = try await client.exchange("GET", path)
            #expect(refused.status == 403)
            #expect(refused.headers["content-type"] == "application/json")
            #expect(refused.body == #"{"code":4,"message":"Forbidden"}"#)
            let told = try await client.exchange("GET", path + "&user=told")
            #expect(told.status == 403)
            #expect(told.body == #"{"code":4,"message":"No \"entry\"\n"}"#)
            let opened = try await client.exchange("GET", path + "&user=good")
            #expect(opened.status == 200)
            // Only the handshake is asked about.
            let sid = String(opened.body.dropFirst(#"0{"sid":""#.count).prefix(20))
            #expect(try await client.post(sid, "4a").body == "ok")
            #expect(try await client.poll(sid).body == "4a")
            #expect(await server.server.statistics().refused == [.forbidden: 2])
        }
    }

    @Test func whoIsLetInWhileTheServerDrainsIsSentElsewhere() async throws {
        let (asked, hasAsked) = AsyncStream<Void>.makeStream()
        let (decision, decide) = AsyncStream<Void>.makeStream()
        try await EchoServer.run {
            $0.allowRequest = { _ in
                hasAsked.yield()
                for await _ in decision { break }
                return .allow
            }
        } _: { server in
            let client = try await server.connect()
            try await client.request("GET", path)
            for await _ in asked { break }
            let draining = Task { await server.server.drain(over: .zero) }
            while try await !server.server.eventLoops[0].submit({ server.server.loops[0].isDraining }).get() {}
            decide.yield()
            #expect(try await client.answer().status == 503)
            await draining.value
        }
    }

    @Test func aRefusedWebSocketIs400WithTheMessage() async throws {
        try await EchoServer.run {
            $0.allowRequest = { $0.query["user"] == "good" ? .allow : .refuse(message: $0.query["user"]) }
        } _: { server in
            for (user, message) in [("", "Forbidden"), ("&user=who", "who")] {
                let client = try await server.connect()
                let answer = try await client.exchange("GET", webSocketPath + user, headers: RawConnection.upgradeHeaders)
                #expect(answer.status == 400)
                #expect(answer.body == message)
                #expect(answer.headers["content-type"] == "text/html")
                try await client.end()
            }
            let client = try await server.connect()
            let answer = try await client.exchange("GET", webSocketPath + "&user=good", headers: RawConnection.upgradeHeaders)
            #expect(answer.status == 101)
            #expect(try await client.frame().string.hasPrefix("0{"))
        }
    }

    @Test func aHookThatNeverDecidesDoesNotKeepTheConnection() async throws {
        let (decision, decide) = AsyncStream<Void>.makeStream()
        let (decided, hasDecided) = AsyncStream<Void>.makeStream()
        try await EchoServer.run {
            $0.handshakeTimeout = .seconds(5)
            $0.allowRequest = { _ in
                for await _ in decision { break }
                hasDecided.yield()
                return .allow
            }
        } _: { server in
            let client = try await server.connect()
            try await client.request("GET", path)
            #expect(try await client.end().readableBytes == 0)
            #expect(await server.server.statistics().opened == 0)
            // Too late: nobody is there any more.
            decide.yield()
            for await _ in decided { break }
            try await server.idle()
            #expect(await server.server.statistics().opened == 0)
        }
    }

    @Test func otherOriginsAreRefusedOverEveryTransport() async throws {
        try await EchoServer.run {
            $0.allowedOrigins = .origins(["https://a.example"])
        } _: { server in
            let client = try await server.connect()
            for (headers, status) in [
                ([], 200), (["Origin: https://a.example"], 200), (["Origin: https://b.example"], 403), (["Origin: null"], 403),
            ] {
                #expect(try await client.exchange("GET", path, headers: headers).status == status)
            }
            for (origin, status) in [("https://a.example", 101), ("https://b.example", 400)] {
                let socket = try await server.connect()
                let headers = RawConnection.upgradeHeaders + ["Origin: \(origin)"]
                let answer = try await socket.exchange("GET", webSocketPath, headers: headers)
                #expect(answer.status == status)
                if status == 400 { #expect(answer.body == "Forbidden") }
            }
        }
    }

    /// What the reference server answers with code 3 does not pass our HTTP parser: 400 all the same.
    @Test(arguments: ["\u{1}", "\u{7F}"])
    func anOriginWithControlCharactersIs400(_ character: String) async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            #expect(try await client.exchange("GET", path, headers: ["Origin: https://a\(character)"]).status == 400)
            #expect(await server.server.statistics().opened == 0)
        }
    }
}
