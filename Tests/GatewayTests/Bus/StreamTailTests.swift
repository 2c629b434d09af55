import Logging
import NIOCore
import NIOPosix
import RESP
import RedisClient
import RedisServers
import Synchronization
import Testing

@testable import Gateway

@Suite("StreamTail", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
final class StreamTailTests: Sendable {
    private let parts = Mutex<[String]>([])

    /// Runs `body` beside a reader of the stream `s`, which gives each part to `receive` before it reads on.
    private func reading(
        late: Duration = .milliseconds(200),
        _ receive: @escaping @Sendable (RedisServer, _ part: String) async throws -> Void,
        _ body: (RedisServer) async throws -> Void
    ) async throws {
        try await RedisServer.run { server in
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: server.url), group: group, logger: logger)
            try await client.start()
            let tail = try StreamTail(streams: ["s"], like: client, group: group, logger: logger, late: late)
            let positions = try await tail.start()
            let running = Task {
                await tail.run(from: positions) { part in
                    let text =
                        switch part {
                        case .entries(_, let entries): entries.map { String(buffer: $0.event) }.joined(separator: " ")
                        case .gap(let stream): "gap in \(stream)"
                        }
                    self.parts.withLock { $0.append(text) }
                    try? await receive(server, text)
                }
            }
            try await body(server)
            await tail.stop()
            await running.value
            await client.shutdown()
        }
    }

    private func wait(for count: Int) async throws -> [String] {
        while parts.withLock({ $0.count }) < count { try await Task.sleep(for: .milliseconds(5)) }
        return parts.withLock { $0 }
    }

    /// The reader comes late, and what it would get first is gone: that is said before what is left, which does not follow on what was read.
    @Test func aGapIsToldBeforeTheEntriesBehindIt() async throws {
        try await reading { server, part in
            guard part == "1" else { return }
            for number in 2...4 { _ = try await server.cli("XADD", "s", "MAXLEN", "=", "1", "*", "event", "\(number)") }
            try await Task.sleep(for: .milliseconds(400))
        } _: { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            #expect(try await wait(for: 3) == ["1", "gap in s", "4"])
            // Reading goes on, and tells nothing of a gap twice.
            _ = try await server.cli("XADD", "s", "*", "event", "5")
            #expect(try await wait(for: 4).last == "5")
        }
    }

    /// As late, and nothing is gone but what had been read.
    @Test func whatWasTrimmedAfterItWasReadIsNoGap() async throws {
        try await reading { server, part in
            guard part == "1" else { return }
            for number in 2...4 { _ = try await server.cli("XADD", "s", "MAXLEN", "=", "3", "*", "event", "\(number)") }
            try await Task.sleep(for: .milliseconds(400))
        } _: { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            #expect(try await wait(for: 2) == ["1", "2 3 4"])
        }
    }

    /// No command fails: the next waits for the connection, which comes at once, so nothing is late.
    @Test func whatRedisHasLostBetweenTwoReadsIsToldBeforeWhatWasAddedSince() async throws {
        try await reading(late: .seconds(60)) { server, part in
            guard part == "1" else { return }
            let clients = { try await server.cli("CLIENT", "LIST").split(separator: "\n").count }
            let before = try await clients()
            _ = try await server.cli("DEL", "s")
            _ = try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            while try await clients() < before { try await Task.sleep(for: .milliseconds(5)) }
            for number in 2...3 { _ = try await server.cli("XADD", "s", "*", "event", "\(number)") }
        } _: { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            #expect(try await wait(for: 3) == ["1", "gap in s", "2 3"])
            // It is told once.
            _ = try await server.cli("XADD", "s", "*", "event", "4")
            #expect(try await wait(for: 4).last == "4")
        }
    }

    /// What is empty is no stream that Redis has lost.
    @Test func aStreamThatWasEmptiedAfterItWasReadHasNoGap() async throws {
        try await reading { server, part in
            guard part == "1" else { return }
            _ = try await server.cli("XTRIM", "s", "MAXLEN", "0")
            try await Task.sleep(for: .milliseconds(400))
        } _: { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            #expect(try await wait(for: 1) == ["1"])
            while try await server.cli("XLEN", "s").first != "0" { try await Task.sleep(for: .milliseconds(5)) }
            // Late, so that it is looked at first.
            try await Task.sleep(for: .milliseconds(400))
            _ = try await server.cli("XADD", "s", "*", "event", "2")
            #expect(try await wait(for: 2) == ["1", "2"])
        }
    }

    /// Adds an entry that no answer of Redis to this client may hold.
    private func addTooLarge(to server: RedisServer) async throws {
        let script = "return redis.call('XADD', KEYS[1], '*', 'event', string.rep('x', 65 * 1024 * 1024))"
        _ = try await server.cli("EVAL", script, "1", "s")
    }

    @Test func whatIsTooLargeIsSteppedOverAndComesAsAnEntryWithoutEvent() async throws {
        try await reading { _, _ in
        } _: { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            #expect(try await wait(for: 1) == ["1"])
            try await addTooLarge(to: server)
            _ = try await server.cli("XADD", "s", "*", "event", "2")
            #expect(try await wait(for: 3) == ["1", "", "2"])
        }
    }

    /// 300 events of the greatest length, which are more than one answer may have.
    @Test func whoIsTooFarBehindForOneAnswerReadsInSmallerParts() async throws {
        // Events of a part are joined by a space.
        let bytes = Mutex(0)
        try await reading { _, part in
            bytes.withLock { $0 += part.utf8.count + 1 }
        } _: { server in
            let script = "for i = 1, 300 do redis.call('XADD', KEYS[1], '*', 'event', string.rep('x', 1000000)) end"
            _ = try await server.cli("EVAL", script, "1", "s")
            while bytes.withLock({ $0 }) < 300 * 1_000_001 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(bytes.withLock { $0 } == 300 * 1_000_001)
        }
    }

    @Test func whoBeginsReadsWhatIsAroundAnEntryThatIsTooLarge() async throws {
        try await RedisServer.run { server in
            _ = try await server.cli("XADD", "s", "*", "event", "1")
            try await addTooLarge(to: server)
            _ = try await server.cli("XADD", "s", "*", "event", "2")
            // The first and the last entry are what Redis itself tells of a stream.
            try await addTooLarge(to: server)
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: server.url), group: group, logger: logger)
            try await client.start()
            let tail = try StreamTail(streams: ["s"], like: client, group: group, logger: logger)
            let position = try #require(try await tail.start()["s"])
            let (entries, isWhole) = try await tail.backlog(of: "s", since: .zero, upTo: position)
            #expect(entries.map { String(buffer: $0.event) } == ["1", "", "2", ""])
            #expect(isWhole)
            await tail.stop()
            await client.shutdown()
        }
    }
}
