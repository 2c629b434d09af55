import EngineIOCore
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("Busy polling")
struct BusyPollingTests {
    private var polling = BusyPolling(for: .milliseconds(50))

    /// What a loop is told that worked at this moment: whether to begin to look.
    private mutating func worked(_ milliseconds: Int64) -> Bool { polling.worked(now: Self.instant(milliseconds)) }
    /// What a loop is told that looked at this moment: whether to look again.
    private mutating func looked(_ milliseconds: Int64) -> Bool { polling.looked(now: Self.instant(milliseconds)) }

    private static func instant(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

    @Test mutating func aLoopLooksForSoLongAfterWorkAndThenSleeps() {
        let answers = [worked(0), looked(0), looked(49), looked(50)]
        #expect(answers == [true, true, true, false])
    }

    @Test mutating func moreWorkPutsOffTheEndAndDoesNotBeginTwice() {
        let answers = [worked(0), worked(40), looked(89), looked(90)]
        #expect(answers == [true, false, true, false])
    }

    @Test mutating func aLoopThatSleptBeginsAnewWithTheNextWork() {
        let answers = [worked(0), looked(60), worked(1_000), looked(1_049)]
        #expect(answers == [true, false, true, true])
    }

    @Test mutating func aLookWithoutWorkIsTheLast() {
        let answer = looked(0)
        #expect(!answer)
    }
}

@Suite("BusyPoller")
struct BusyPollerTests {
    private func polls(of server: EchoServer) async -> Int { await server.server.statistics().busyPolls }

    /// Returns once a loop has looked for work more often than `count` times.
    private func polled(_ server: EchoServer, moreThan count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while await polls(of: server) <= count {
            guard ContinuousClock.now < deadline else { throw WaitError(description: "no loop looks for work") }
        }
    }

    private func echo(_ text: String, by client: RawConnection) async throws {
        try await client.send(clientFrame(text))
        #expect(try await client.frame() == .text(text))
    }

    @Test func aLoopLooksAgainAndAgainAfterItHasSentSomethingAndHearsItsSockets() async throws {
        try await EchoServer.run({ $0.busyPolling = .seconds(60) }) { server in
            #expect(await polls(of: server) == 0)
            let client = try await server.webSocket()
            try await echo("4one", by: client)
            try await polled(server, moreThan: 100)
            try await echo("4two", by: client)
            let other = try await server.webSocket()
            try await echo("4three", by: other)
            try await polled(server, moreThan: await polls(of: server) + 100)
        }
    }

    @Test func itSleepsWhenItsTimeIsOver() async throws {
        try await EchoServer.run({ $0.busyPolling = .milliseconds(1) }) { server in
            let client = try await server.webSocket()
            try await echo("4one", by: client)
            try await polled(server, moreThan: 0)
            // A loop that does not sleep looks thousands of times meanwhile.
            let deadline = ContinuousClock.now + .seconds(20)
            var before = -1
            while await polls(of: server) != before {
                guard ContinuousClock.now < deadline else { throw WaitError(description: "the loop does not sleep") }
                before = await polls(of: server)
                try await Task.sleep(for: .milliseconds(100))
            }
            // Until there is work again.
            try await echo("4two", by: client)
            try await polled(server, moreThan: before)
        }
    }

    @Test func withoutItNoLoopLooks() async throws {
        try await EchoServer.run { server in
            try await echo("4one", by: try await server.webSocket())
            #expect(await polls(of: server) == 0)
        }
    }
}
