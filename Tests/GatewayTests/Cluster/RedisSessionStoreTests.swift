import GatewayDomain
import Logging
import NIOPosix
import RedisClient
import RedisServers
import SocketIO
import SocketIOCore
import Store
import Testing

@testable import Gateway

@Suite("RedisSessionStore", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct RedisSessionStoreTests {
    private func session(_ pid: String) -> SavedSession {
        let principal = Principal(userID: UserID("alice-0001"), role: nil, groups: [], tokenID: "jti-1", expiresAt: 5, issuedAt: 4)
        return SavedSession(
            pid: pid,
            socketID: "s",
            namespace: "/",
            data: SavedClient(principal: principal, watched: [], savedAt: .zero),
            epoch: "e",
            reader: RecoveryReader(socketID: "s", connectedAt: 6, rooms: [:]),
            shared: SharedPlaces(connectedAt: SourcePositions(count: 3), rooms: [:])
        )
    }

    private func write(_ session: SavedSession, to store: RedisSessionStore) async -> SessionWriteResult {
        await withCheckedContinuation { continuation in
            store.write([session], for: .seconds(120)) { continuation.resume(returning: $0) }
        }
    }

    /// Sixty-four at a time, each of which would wait for a second, they would take minutes.
    @Test func whatIsToBeWrittenDoesNotWaitForARedisThatDoesNotAnswer() async throws {
        try await RedisServer.run { redis in
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: redis.url), group: group, logger: logger)
            try await client.start()
            let (counters, began) = (GatewayCounters(), ContinuousClock.now)
            var generator = SystemRandomNumberGenerator()
            let node = ClusterNode(
                id: NodeID(startedAt: WallClock.milliseconds(), using: &generator),
                client: client,
                uptime: { ContinuousClock.now - began },
                counters: counters,
                logger: logger
            )
            try await node.start(ClusterNode.Hooks())
            let store = RedisSessionStore(client: client, node: node, counters: counters, logger: logger)
            redis.pause()
            while node.isReachable { try await Task.sleep(for: .milliseconds(5)) }
            for number in 0..<20_000 { store.save(session("\(number)"), for: .seconds(120)) }
            store.remove("0")
            #expect(await write(session("a"), to: store) == .failed)
            await #expect(throws: StoreError.self) { try await store.find("a") }
            await store.finish()
            #expect(counters.current.cluster[.sessionFailure] == 20_002)

            redis.resume()
            while !node.isReachable { try await Task.sleep(for: .milliseconds(5)) }
            while await write(session("a"), to: store) == .failed { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await store.find("a")?.pid == "a")
            await node.stop()
            await client.shutdown()
        }
    }
}
