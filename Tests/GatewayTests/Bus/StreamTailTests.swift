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
        _ receive: @escaping @Sendable (RedisServer, _ part: String) async throws -> Void,
        _ body: (RedisServer) async throws -> Void
    ) async throws {
        try await RedisServer.run { server in
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: server.url), group: group, logger: logger)
            try await client.start()
            let tail = try StreamTail(streams: ["s"], like: client, group: group, logger: logger, late: .milliseconds(200))
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
}
