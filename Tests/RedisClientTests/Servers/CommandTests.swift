import NIOCore
import NIOPosix
import RESP
import RedisClient
import RedisServers
import Testing

@Suite("Commands to a real server", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct CommandTests {
    @Test func answersComeInTheirKind() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                #expect(try await client.send(RedisCommand("SET", "k", "v", key: "k")) == .simpleString("OK"))
                #expect(try await client.send(RedisCommand("GET", "k", key: "k")).string == "v")
                #expect(try await client.send(RedisCommand("GET", "none", key: "none")).isNull)
                #expect(try await client.send(RedisCommand("INCRBY", "n", .integer(41), key: "n")) == .integer(41))
                #expect(try await client.send(RedisCommand("HSET", "h", "a", "1")) == .integer(1))
                #expect(try await client.send(RedisCommand("HGETALL", "h"))["a"]?.string == "1")
                let bytes = ByteBuffer(bytes: [0, 13, 10, 255])
                _ = try await client.send(RedisCommand("SET", "b", .buffer(bytes)))
                #expect(try await client.send(RedisCommand("GET", "b")).buffer == bytes)
                #expect(!client.isCluster && client.queuedCommands == 0)
            }
        }
    }

    @Test func anErrorIsThrownWithWhatRedisSaid() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("NONSENSE", "1")) }
                #expect(error?.code == .reply && error?.reply?.code == "ERR")
                let next = try await client.send(RedisCommand("PING"))
                #expect(next.string == "PONG")
            }
        }
    }

    @Test func aPipelineAnswersInOrder() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let commands = (1...1_000).map { _ in RedisCommand("INCR", "n") }
                let answers = await client.pipeline(commands + [RedisCommand("LPUSH", "n", "x")])
                let numbers = try answers.dropLast().map { try $0.get().integer }
                #expect(numbers == (1...1_000).map { Int64($0) })
                #expect(throws: RedisError.self) { try answers.last?.get() }
                #expect(await client.pipeline([]).isEmpty)
            }
        }
    }

    @Test func commandsComeFromManyLoops() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let group = MultiThreadedEventLoopGroup.singleton
                let answers = Journal<Int64>()
                for loop in group.makeIterator() {
                    loop.execute {
                        for _ in 0..<500 { client.submit(RedisCommand("INCR", "n")) { answers.append((try? $0.get().integer) ?? -1) } }
                    }
                }
                let expected = group.makeIterator().reduce(0) { count, _ in count + 500 }
                try await answers.wait { $0.count == expected }
                #expect(answers.all == (1...expected).map { Int64($0) })
            }
        }
    }

    @Test func aScriptIsKnownAfterItsFirstRun() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let script = RedisScript("return {KEYS[1], ARGV[1], ARGV[2]}")
                #expect(script.digest == "4cfb4166ae4c0001fb4259c299bc0d8595c56cc2")
                for _ in 0..<2 {
                    let value = try await client.run(script, keys: ["k"], arguments: ["a", 7])
                    #expect(value.array?.map(\.string) == ["k", "a", "7"])
                }
                let known = try await client.send(RedisCommand("SCRIPT", "EXISTS", .string(script.digest)))
                #expect(known.array == [.integer(1)])
                _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                #expect(try await client.run(script, keys: ["k"], arguments: ["a", 7]).array?.count == 3)
                await #expect(throws: RedisError.self) { try await client.run(RedisScript("return redis.error_reply('no')")) }
            }
        }
    }

    @Test func tooMuchIsRefusedAtOnce() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url, { $0.maximumQueuedCommands = 10 }) { client in
                server.pause()
                let results = Journal<RedisError.Code?>()
                for _ in 0..<12 {
                    client.submit(RedisCommand("INCR", "n")) { result in
                        if case .failure(let error) = result { results.append(error.code) } else { results.append(nil) }
                    }
                }
                #expect(results.all == [.overloaded, .overloaded])
                server.resume()
                try await results.wait { $0.count == 12 }
                #expect(try await client.send(RedisCommand("GET", "n")).integer == 10)
                #expect(client.queuedCommands == 0)
            }
        }
    }

    @Test func nothingIsSentBeforeTheStartNorAfterTheEnd() async throws {
        try await RedisServer.run { server in
            let ended = try await TestClient.run(server.url) { $0 }
            let error = await #expect(throws: RedisError.self) { try await ended.send(RedisCommand("PING")) }
            #expect(error?.code == .shutDown)
        }
    }
}
