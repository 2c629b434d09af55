import GatewayDomain
import Logging
import NIOPosix
import RedisClient
import RedisServers
import Testing

@testable import Gateway

@Suite("A node among others", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct ClusterNodeTests {
    /// What was told at the beginning may have failed, or been lost again: a second cut right behind the first is such a case.
    @Test func whatIsToldAnewIsToldOnceMoreWhereThatIsAskedForMeanwhile() async throws {
        try await RedisServer.run { redis in
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: redis.url), group: group, logger: logger)
            try await client.start()
            var generator = SystemRandomNumberGenerator()
            let node = ClusterNode(
                id: NodeID(startedAt: WallClock.milliseconds(), using: &generator),
                client: client,
                uptime: { .zero },
                counters: GatewayCounters(),
                logger: logger
            )
            let (began, beginning) = AsyncStream<Void>.makeStream()
            let (mayEnd, ending) = AsyncStream<Void>.makeStream()
            var hooks = ClusterNode.Hooks()
            hooks.rejoin = {
                beginning.yield()
                var iterator = mayEnd.makeAsyncIterator()
                await iterator.next()
            }
            try await node.start(hooks)
            var beginnings = began.makeAsyncIterator()
            node.rejoin()
            await beginnings.next()
            for _ in 0..<3 { node.rejoin() }
            ending.yield()
            await beginnings.next()
            ending.finish()
            await node.stop()
            await client.shutdown()
        }
    }
}
