import RESP
import RedisClient
import Testing

@Suite("RedisStreamReader", .timeLimit(.minutes(2)))
struct RedisStreamReaderTests {
    private static func change(_ configuration: inout RedisConfiguration) {
        configuration.isCluster = false
        configuration.backoff.initial = .milliseconds(50)
        configuration.backoff.jitter = 0
    }

    @Test func aStreamThatRedisRefusesIsAskedForLessAndLessOftenAndSaidOnce() async throws {
        let (asked, warnings) = (Journal<ContinuousClock.Instant>(), Journal<String>())
        try await ScriptedServer.run { command, _ in
            guard command.first == "XINFO" else { return "%0\r\n" }
            asked.append(.now)
            return "-NOPERM this user has no permissions to run the 'xinfo|stream' command\r\n"
        } _: { url in
            try await TestClient.run(url, Self.change, logger: RecordingLog.logger(warnings)) { client in
                let reader = RedisStreamReader(client: client, streams: ["a": "$"])
                let reading = Task { await reader.run { _ in } }
                try await asked.wait { $0.count >= 5 }
                // 50, 100, 200 and 400 ms.
                #expect(asked.all[4] - asked.all[0] >= .milliseconds(750))
                #expect(warnings.all == ["streams cannot be read, trying again"])
                reading.cancel()
                await reading.value
            }
        }
    }

    @Test func whereAnAnswerCannotBeReadLessIsAskedFor() async throws {
        let counts = Journal<String>()
        try await ScriptedServer.run { command, _ in
            guard command.first == "XREAD" else { return "%0\r\n" }
            counts.append(command[2])
            return "no answer\r\n"
        } _: { url in
            try await TestClient.run(url, Self.change) { client in
                let reader = RedisStreamReader(client: client, streams: ["a": "0"], count: 5)
                let reading = Task { await reader.run { _ in } }
                try await counts.wait { $0.count >= 4 }
                #expect(counts.all.prefix(4) == ["5", "2", "1", "1"])
                reading.cancel()
                await reading.value
            }
        }
    }
}
