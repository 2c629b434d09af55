import EngineIO
import EngineIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("Drain", .timeLimit(.minutes(1)))
struct DrainTests {
    private let path = RawConnection.enginePath

    @Test func oneSessionEndsInEachPartOfTheTime() {
        var generator = SystemRandomNumberGenerator()
        let schedule = DrainSchedule(duration: .seconds(10), count: 5)
        for index in 0..<5 {
            let delay = schedule.delay(index, using: &generator)
            #expect(delay >= .seconds(2 * index))
            #expect(delay < .seconds(2 * index + 2))
        }
        #expect(DrainSchedule(duration: .zero, count: 3).delay(2, using: &generator) == .zero)
    }

    @Test func newSessionsAreSentElsewhereAndOpenOnesGoOnUntilTheirEnd() async throws {
        try await EchoServer.run(loops: 2) { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            let draining = Task { await server.server.drain(over: .seconds(86_400)) }
            var refused = try await server.connect().exchange("GET", path)
            while refused.status == 200 { refused = try await server.connect().exchange("GET", path) }
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "1")
            #expect(refused.headers["connection"] == "close")
            let socket = try await server.connect().exchange(
                "GET",
                "/socket.io/?EIO=4&transport=websocket",
                headers: ["Upgrade: websocket", "Connection: Upgrade"]
            )
            #expect(socket.status == 503)
            // The session that is open still works, over a connection for each request.
            #expect(try await server.connect().post(sid, "4a").body == "ok")
            #expect(try await server.connect().poll(sid).body == "4a")
            #expect(await server.server.statistics().refusedDraining >= 2)
            // Asked to hurry.
            draining.cancel()
            await draining.value
        }
    }

    @Test func allHaveEndedAfterTheTime() async throws {
        try await EchoServer.run(loops: 2) { server in
            let sockets = [try await server.webSocket(), try await server.webSocket()]
            let polling = try await server.connect()
            _ = try await polling.exchange("GET", path)
            await server.server.drain(over: .milliseconds(100))
            let statistics = await server.server.statistics()
            #expect(statistics.openWebSocket + statistics.openPolling == 0)
            #expect(statistics.closed[.serverShuttingDown] == 3)
            withExtendedLifetime(sockets) {}
        }
    }
}
