import NIOCore
import RESP
import RedisClient
import RedisServers
import Testing

@Suite("Subscriptions at a real server", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct SubscriptionTests {
    private static func note(_ journal: Journal<String>) -> @Sendable (RedisMessage) -> Void {
        { journal.append("\($0.channel) \($0.pattern ?? "-") \(String(buffer: $0.payload))") }
    }

    @Test func channelsPatternsAndShardedChannels() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let heard = Journal<String>()
                try await client.subscriptions.subscribe("room:1", Self.note(heard))
                try await client.subscriptions.subscribe("room:*", kind: .pattern, Self.note(heard))
                try await client.subscriptions.subscribe("room:1", kind: .sharded, Self.note(heard))
                #expect(try await client.send(RedisCommand("PUBLISH", "room:1", "a")).integer == 2)
                #expect(try await client.send(RedisCommand("PUBLISH", "room:2", "b")).integer == 1)
                #expect(try await client.send(RedisCommand("SPUBLISH", "room:1", "c")).integer == 1)
                try await heard.wait { $0.count == 4 }
                #expect(Set(heard.all) == ["room:1 - a", "room:1 room:* a", "room:2 room:* b", "room:1 - c"])

                await client.subscriptions.unsubscribe("room:1")
                await client.subscriptions.unsubscribe("room:*", kind: .pattern)
                try await eventually { try await client.send(RedisCommand("PUBLISH", "room:1", "d")).integer == 0 }
                #expect(heard.all.count { $0.hasSuffix(" d") } <= 2)
            }
        }
    }

    @Test func aNameIsSubscribedOnce() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                try await client.subscriptions.subscribe("a") { _ in }
                let error = await #expect(throws: RedisError.self) { try await client.subscriptions.subscribe("a") { _ in } }
                #expect(error?.code == .configuration)
                await client.subscriptions.unsubscribe("a")
                let heard = Journal<String>()
                try await client.subscriptions.subscribe("a", Self.note(heard))
                _ = try await client.send(RedisCommand("PUBLISH", "a", "x"))
                try await heard.wait { $0 == ["a - x"] }
            }
        }
    }

    @Test func aCutConnectionIsMadeAnewAndSubscribedAgain() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url, { $0.clientName = "subscriber" }) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                client.subscriptions.onStateChange { states.append($0) }
                try await client.subscriptions.subscribe("a", Self.note(heard))
                try await client.subscriptions.subscribe("b*", kind: .pattern, Self.note(heard))
                for round in 1...3 {
                    try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
                    try await states.wait { $0.count == 2 * round }
                    _ = try await client.send(RedisCommand("PUBLISH", "a", .string("\(round)")))
                    _ = try await client.send(RedisCommand("PUBLISH", "b1", .string("\(round)")))
                    try await heard.wait { $0.count == 2 * round }
                }
                #expect(states.all == [.cut, .live, .cut, .live, .cut, .live])
                #expect(heard.all.suffix(2) == ["a - 3", "b1 b* 3"])
            }
        }
    }

    @Test func aServerThatIsSilentIsNoticed() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url, { $0.pingInterval = .milliseconds(200) }) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                client.subscriptions.onStateChange { states.append($0) }
                try await client.subscriptions.subscribe("a", Self.note(heard))
                server.pause()
                try await states.wait { $0 == [.cut] }
                server.resume()
                try await states.wait { $0.last == .live }
                try await eventually { try await client.send(RedisCommand("PUBLISH", "a", "x")).integer == 1 }
                try await heard.wait { $0.last == "a - x" }
            }
        }
    }

    @Test func aServerThatStartsAnewIsSubscribedAgain() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                client.subscriptions.onStateChange { states.append($0) }
                try await client.subscriptions.subscribe("a", Self.note(heard))
                server.kill()
                try await states.wait { $0 == [.cut] }
                try await server.start()
                try await states.wait { $0 == [.cut, .live] }
                #expect(try await client.send(RedisCommand("PUBLISH", "a", "x")).integer == 1)
                try await heard.wait { $0 == ["a - x"] }
            }
        }
    }

    @Test func whatRedisRefusesIsThrown() async throws {
        try await RedisServer.run { server in
            try await server.cli("ACL", "SETUSER", "reader", "on", ">pw", "+@all", "resetchannels", "&open:*")
            try await TestClient.run("redis://reader:pw@127.0.0.1:\(server.port)") { client in
                try await client.subscriptions.subscribe("open:1") { _ in }
                let error = await #expect(throws: RedisError.self) { try await client.subscriptions.subscribe("secret") { _ in } }
                #expect(error?.reply?.code == "NOPERM")
                // The connection lives on.
                try await client.subscriptions.subscribe("open:2") { _ in }
            }
        }
    }

    @Test func whatMayNotBeHeardAnyMoreLeavesTheOthersAlone() async throws {
        try await RedisServer.run { server in
            try await server.cli("ACL", "SETUSER", "reader", "on", ">pw", "+@all", "resetchannels", "&open", "&secret")
            let url = "redis://reader:pw@127.0.0.1:\(server.port)"
            try await TestClient.run(url, { $0.pingInterval = .seconds(3) }) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                client.subscriptions.onStateChange { states.append($0) }
                for channel in ["open", "secret"] { try await client.subscriptions.subscribe(channel, Self.note(heard)) }
                // Redis cuts the connections that have such a channel.
                try await server.cli("ACL", "SETUSER", "reader", "resetchannels", "&open")
                try await states.wait { $0 == [.cut] }
                try await eventually { try await server.cli("PUBLISH", "open", "1") == "1" }
                try await heard.wait { $0.last == "open - 1" }
                let connection = try await server.cli("CLIENT", "LIST", "TYPE", "pubsub").prefix { $0 != " " }

                try await server.cli("ACL", "SETUSER", "reader", "&secret")
                try await states.wait { $0 == [.cut, .live] }
                try await server.cli("PUBLISH", "secret", "2")
                try await heard.wait { $0.last == "secret - 2" }
                let last = try await server.cli("CLIENT", "LIST", "TYPE", "pubsub").prefix { $0 != " " }
                #expect(last == connection)
            }
        }
    }

    @Test func aConnectionThatIsOfNoUseIsMadeAnewLessAndLessOften() async throws {
        let pings = Journal<ContinuousClock.Instant>()
        try await ScriptedServer.run { command, _ in
            switch command.first {
            case "SUBSCRIBE": return ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
            case "PING":
                pings.append(.now)
                return "-NOPERM this user has no permissions to run the 'ping' command\r\n"
            default: return "%0\r\n"
            }
        } _: { url in
            let change = { (configuration: inout RedisConfiguration) in
                configuration.isCluster = false
                configuration.backoff.initial = .milliseconds(50)
                configuration.backoff.jitter = 0
            }
            try await TestClient.run(url, change) { client in
                try await client.subscriptions.subscribe("a") { _ in }
                try await pings.wait { $0.count >= 5 }
                // 50, 100, 200 and 400 ms.
                #expect(pings.all[4] - pings.all[0] >= .milliseconds(750))
            }
        }
    }
}
