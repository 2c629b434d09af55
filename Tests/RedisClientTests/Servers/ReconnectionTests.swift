import Logging
import NIOCore
import NIOPosix
import RESP
import RedisClient
import RedisServers
import Synchronization
import Testing

@Suite("Reconnection to a real server", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct ReconnectionTests {
    @Test func commandsWaitForTheConnection() async throws {
        try await RedisServer.run(["--appendonly", "yes", "--appendfsync", "always"]) { server in
            try await TestClient.run(server.url) { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                server.kill()
                let waiting = Task { try await client.send(RedisCommand("GET", "k")) }
                try await server.start()
                // What was under way at the cut fails; what came after it waits.
                do { #expect(try await waiting.value.string == "v") } catch { #expect((error as? RedisError)?.code == .connection) }
                #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
            }
        }
    }

    @Test func aCutCanBeSeenThoughNoCommandFails() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                #expect(client.interruptions == 0)
                try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                try await eventually { client.interruptions == 1 }
                #expect(try await client.send(RedisCommand("PING")).string == "PONG")
                // An attempt that fails is none: there was nothing to cut.
                server.kill()
                try await eventually { client.interruptions == 2 }
                try await Task.sleep(for: .milliseconds(200))
                try await server.start()
                #expect(try await client.send(RedisCommand("PING")).string == "PONG")
                #expect(client.interruptions == 2)
            }
        }
    }

    @Test func whatIsUnderWayAtACutFails() async throws {
        // Cut as soon as the command is there.
        try await ScriptedServer.run { command, _ in
            command.first == "INCR" ? nil : "%0\r\n"
        } _: { url in
            try await TestClient.run(url, { $0.isCluster = false }) { client in
                let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("INCR", "n")) }
                #expect(error?.code == .connection)
                #expect(error?.message.contains("may or may not") == true)
            }
        }
    }

    @Test func anAnswerThatIsLateIsDropped() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url, { $0.commandTimeout = .milliseconds(200) }) { client in
                server.pause()
                let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("ECHO", "late")) }
                #expect(error?.code == .timeout)
                server.resume()
                // The late answer is not taken for this one's.
                try await eventually { (try? await client.send(RedisCommand("ECHO", "new")).string) == "new" }
                #expect(client.queuedCommands == 0)
            }
        }
    }

    @Test func aSilentConnectionIsGivenUp() async throws {
        let greetings = Atomic<Int>(0)
        try await ScriptedServer.run { command, _ in
            guard command.first == "HELLO" else { return "" }
            greetings.add(1, ordering: .relaxed)
            return "%0\r\n"
        } _: { url in
            let change = { (configuration: inout RedisConfiguration) in
                configuration.isCluster = false
                configuration.commandTimeout = .milliseconds(50)
                configuration.silenceTimeout = .milliseconds(500)
            }
            try await TestClient.run(url, change) { client in
                let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
                #expect(error?.code == .timeout)
                // Nothing more is asked: the silence alone is enough.
                try await eventually { greetings.load(ordering: .relaxed) > 1 }
            }
        }
    }

    @Test func anAnswerThatIsLateNowAndThenIsNoReasonToGiveAConnectionUp() async throws {
        try await RedisServer.run { server in
            let change = { (configuration: inout RedisConfiguration) in
                configuration.commandTimeout = .milliseconds(200)
                configuration.silenceTimeout = .seconds(10)
            }
            // What is not late by intent may take its time.
            let question = RedisCommand("CLIENT", ["ID"], timeout: .seconds(30))
            try await TestClient.run(server.url, change) { client in
                let before = try await client.send(question).integer
                for round in 0..<2 {
                    server.pause()
                    await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
                    server.resume()
                    // Longer than a connection may be silent, with nothing to say meanwhile.
                    if round == 0 { try await Task.sleep(for: .seconds(11)) }
                }
                #expect(try await client.send(question).integer == before)
            }
        }
    }

    @Test func aConnectionThatAnswersTooLateForEverIsGivenUp() async throws {
        let greetings = Atomic<Int>(0)
        let unanswered = Mutex(0)
        try await ScriptedServer.run { command, _ in
            guard command.first == "ECHO" else {
                if command.first == "HELLO" { greetings.add(1, ordering: .relaxed) }
                return "%0\r\n"
            }
            // Each answer comes with the third command after its own.
            return unanswered.withLock { count in
                count += 1
                return count > 3 ? "+OK\r\n" : ""
            }
        } _: { url in
            let change = { (configuration: inout RedisConfiguration) in
                configuration.commandTimeout = .milliseconds(50)
                configuration.silenceTimeout = .milliseconds(500)
            }
            try await TestClient.run(url, change) { client in
                try await eventually {
                    _ = try? await client.send(RedisCommand("ECHO", "x"))
                    return greetings.load(ordering: .relaxed) > 1
                }
            }
        }
    }

    /// Where the name has an address of IPv6 too, as on Debian, nobody listens there.
    @Test func aServerIsFoundByTheSecondAddressOfItsName() async throws {
        try await RedisServer.run { server in
            try await TestClient.run("redis://localhost:\(server.port)") { client in
                let answer = try await client.send(RedisCommand("PING"))
                #expect(answer.string == "PONG")
            }
        }
    }

    @Test func aServerThatIsNotThereIsSaid() async throws {
        let server = try await RedisServer()
        server.stop()
        let error = await #expect(throws: RedisError.self) {
            try await TestClient.run(server.url, { $0.connectTimeout = .milliseconds(300) }) { _ in }
        }
        #expect(error?.code == .connection && error?.message.contains("127.0.0.1:\(server.port)") == true)
    }

    @Test func theNextServerIsTried() async throws {
        let gone = try await RedisServer()
        gone.stop()
        try await RedisServer.run { server in
            try await TestClient.run("redis://127.0.0.1:\(gone.port),127.0.0.1:\(server.port)") { client in
                _ = try await client.send(RedisCommand("PING"))
            }
        }
    }

    @Test func theNextServerIsTriedWhereOneIsSilent() async throws {
        try await RedisServer.run { silent in
            // The kernel accepts, nobody greets.
            silent.pause()
            try await RedisServer.run { server in
                let url = "redis://127.0.0.1:\(silent.port),127.0.0.1:\(server.port)"
                try await TestClient.run(url, { $0.connectTimeout = .seconds(10) }) { client in
                    _ = try await client.send(RedisCommand("PING"))
                }
            }
        }
    }

    @Test func aStartWaitsForANodeThatReadsItsFiles() async throws {
        let questions = Atomic<Int>(0)
        try await ScriptedServer.run { command, port in
            switch command.first {
            case "HELLO": return "%1\r\n$4\r\nmode\r\n$7\r\ncluster\r\n"
            case "CLUSTER":
                guard questions.add(1, ordering: .relaxed).newValue > 2 else { return ScriptedServer.loading }
                return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:\(port)\r\n"
            default: return "+OK\r\n"
            }
        } _: { url in
            try await TestClient.run(url) { client in #expect(client.isCluster) }
        }
    }

    @Test func whatIsSentAgainIsNotOvertaken() async throws {
        let received = Journal<String>()
        try await ScriptedServer.run { command, _ in
            guard command.first == "ECHO" else { return "%0\r\n" }
            defer { received.append(command[1]) }
            return command[1] == "join" && !received.all.contains("join") ? ScriptedServer.loading : "+OK\r\n"
        } _: { url in
            try await TestClient.run(url, { $0.isCluster = false }) { client in
                client.submit(RedisCommand("ECHO", "join"))
                // Its answer comes behind the refusal.
                _ = try await client.send(RedisCommand("ECHO", "barrier"))
                _ = try await client.send(RedisCommand("ECHO", "broadcast"))
                try await received.wait { $0.count == 4 }
                // The refused command may go out again before the barrier does.
                #expect(received.all.filter { $0 != "barrier" } == ["join", "join", "broadcast"])
            }
        }
    }

    @Test func aWrongPasswordIsSaidAndNotRepeated() async throws {
        try await RedisServer.run(["--requirepass", "right"]) { server in
            let error = await #expect(throws: RedisError.self) {
                try await TestClient.run("redis://:wrong@127.0.0.1:\(server.port)") { _ in }
            }
            #expect(error?.code == .configuration && error.map { "\($0)" }?.contains("wrong@") == false)
            let missing = await #expect(throws: RedisError.self) { try await TestClient.run(server.url) { _ in } }
            #expect(missing?.message.contains("asks for a password") == true)
            try await TestClient.run("redis://:right@127.0.0.1:\(server.port)/3") { client in
                let info = try await client.send(RedisCommand("CLIENT", "INFO"))
                #expect(info.string?.contains("db=3") == true)
            }
        }
    }

    /// As servers before version 6, and some proxies.
    @Test func aServerWithoutHelloIsServedInVersionTwo() async throws {
        try await RedisServer.run(["--rename-command", "HELLO", ""]) { server in
            try await server.cli("ACL", "SETUSER", "old", "on", ">pw", "~*", "&*", "+@all")
            for url in [server.url, "redis://old:pw@127.0.0.1:\(server.port)"] {
                try await TestClient.run(url) { client in
                    let info = try await client.send(RedisCommand("CLIENT", "INFO"))
                    #expect(info.string?.contains("resp=2") == true)
                    _ = try await client.send(RedisCommand("HSET", "h", "a", "1"))
                    #expect(try await client.send(RedisCommand("HGETALL", "h"))["a"]?.string == "1")
                    let heard = Journal<String>()
                    try await client.subscriptions.subscribe("c") { heard.append(String(buffer: $0.payload)) }
                    _ = try await client.send(RedisCommand("PUBLISH", "c", "x"))
                    try await heard.wait { $0 == ["x"] }
                }
            }
        }
    }
}
