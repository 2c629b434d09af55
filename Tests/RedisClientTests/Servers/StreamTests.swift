import NIOCore
import RESP
import RedisClient
import RedisServers
import Testing

@Suite("Streams of a real server", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct StreamTests {
    private static func add(_ client: RedisClient, _ stream: String, _ value: Int, trim: Int? = nil) async throws {
        let limit: [RedisArgument] = trim.map { ["MAXLEN", .integer($0)] } ?? []
        _ = try await client.send(RedisCommand("XADD", [.string(stream)] + limit + ["*", "n", .integer(value)], key: stream))
    }

    private static func number(_ entry: RedisStreamEntry) -> Int { entry["n"].flatMap { Int(String(buffer: $0)) } ?? -1 }

    @Test func entriesComeInOrderFromTwoStreams() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                for value in 1...5 { try await Self.add(client, "a", value) }
                let (heard, gaps) = (Journal<(stream: String, value: Int)>(), Journal<RedisStreamGap>())
                let reader = RedisStreamReader(client: client, streams: ["a": "0", "b": "$"], count: 2)
                let reading = Task {
                    await reader.run { entries in
                        for entry in entries { heard.append((entry.stream, Self.number(entry))) }
                    } gap: {
                        gaps.append($0)
                    }
                }
                try await heard.wait { $0.count == 5 }
                for value in 6...20 {
                    try await Self.add(client, "a", value)
                    try await Self.add(client, "b", value)
                }
                try await heard.wait { $0.count == 35 }
                reading.cancel()
                await reading.value
                #expect(heard.all.filter { $0.stream == "a" }.map(\.value) == Array(1...20))
                #expect(heard.all.filter { $0.stream == "b" }.map(\.value) == Array(6...20))
                #expect(gaps.all.isEmpty && reader.positions["a"] != "0")
            }
        }
    }

    @Test func nothingIsMissedOverACut() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let (heard, gaps) = (Journal<Int>(), Journal<RedisStreamGap>())
                let reader = RedisStreamReader(client: client, streams: ["a": "0"], count: 10)
                let reading = Task {
                    await reader.run {
                        for entry in $0 { heard.append(Self.number(entry)) }
                    } gap: {
                        gaps.append($0)
                    }
                }
                for round in 0..<5 {
                    for value in 1...10 { try await Self.add(client, "a", round * 10 + value) }
                    try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    // The client's own connection was cut too.
                    try await eventually { (try? await client.send(RedisCommand("PING"))) != nil }
                }
                try await heard.wait { $0.count >= 50 }
                reading.cancel()
                await reading.value
                #expect(heard.all == Array(1...50) && gaps.all.isEmpty)
            }
        }
    }

    /// The connection is there again before it is read again, so that no command fails.
    @Test func whatTheServerHasLostBetweenTwoReadsIsReported() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                let (heard, gaps) = (Journal<Int>(), Journal<RedisStreamGap>())
                let reader = RedisStreamReader(client: client, streams: ["a": "0"])
                @Sendable func connections() async throws -> Int { try await server.cli("CLIENT", "LIST").split(separator: "\n").count }
                let reading = Task {
                    await reader.run { entries in
                        for entry in entries { heard.append(Self.number(entry)) }
                        guard heard.all == [1] else { return }
                        do {
                            let before = try await connections()
                            try await server.cli("DEL", "a")
                            try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                            try await eventually { try await connections() >= before }
                            try await server.cli("XADD", "a", "*", "n", "2")
                        } catch {
                            Issue.record(error)
                        }
                    } gap: {
                        gaps.append($0)
                    }
                }
                try await Self.add(client, "a", 1)
                try await heard.wait { $0 == [1, 2] }
                reading.cancel()
                await reading.value
                #expect(gaps.all.map(\.stream) == ["a"])
            }
        }
    }

    @Test func whatWasTrimmedUnreadIsReported() async throws {
        try await RedisServer.run { server in
            try await TestClient.run(server.url) { client in
                try await Self.add(client, "a", 1)
                let (heard, gaps) = (Journal<Int>(), Journal<RedisStreamGap>())
                let reader = RedisStreamReader(client: client, streams: ["a": "0"], count: 2)
                var reading = Task {
                    await reader.run {
                        for entry in $0 { heard.append(Self.number(entry)) }
                    } gap: {
                        gaps.append($0)
                    }
                }
                try await heard.wait { $0 == [1] }
                reading.cancel()
                await reading.value
                for value in 2...10 { try await Self.add(client, "a", value, trim: 5) }
                // Where it stopped.
                let again = RedisStreamReader(client: client, streams: reader.positions, count: 2)
                reading = Task {
                    await again.run {
                        for entry in $0 { heard.append(Self.number(entry)) }
                    } gap: {
                        gaps.append($0)
                    }
                }
                try await heard.wait { $0 == [1, 6, 7, 8, 9, 10] }
                reading.cancel()
                await reading.value
                #expect(gaps.all.count == 1 && gaps.all.first?.stream == "a" && gaps.all.first?.after == reader.positions["a"])
            }
        }
    }

    @Test func streamsOfAClusterAreReadWhereTheyAre() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.url) { client in
                let heard = Journal<String>()
                let names = (0..<6).map { "stream:\($0)" }
                let reader = RedisStreamReader(client: client, streams: Dictionary(uniqueKeysWithValues: names.map { ($0, "0") }))
                let reading = Task { await reader.run { for entry in $0 { heard.append("\(entry.stream) \(Self.number(entry))") } } }
                for value in 1...3 { for name in names { try await Self.add(client, name, value) } }
                try await heard.wait { $0.count == 18 }
                reading.cancel()
                await reading.value
                for name in names { #expect(heard.all.filter { $0.hasPrefix("\(name) ") } == (1...3).map { "\(name) \($0)" }) }
            }
        }
    }
}
