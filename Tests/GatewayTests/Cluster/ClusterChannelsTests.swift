import Logging
import NIOPosix
import RedisClient
import RedisServers
import Testing

@testable import Gateway

@Suite("Channels of a node", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct ClusterChannelsTests {
    @Test func aChannelIsNotGivenUpBeforeThoseWhoWaitForItHaveTheirAnswer() async throws {
        try await RedisServer.run { redis in
            let (group, logger) = (MultiThreadedEventLoopGroup.singleton, Logger(label: "test"))
            let client = try RedisClient(configuration: RedisConfiguration(url: redis.url), group: group, logger: logger)
            try await client.start()
            let channels = ClusterChannels(
                client: client,
                linger: .zero,
                uptime: { .zero },
                receive: { _, _ in },
                missed: { _ in },
                failed: { _ in }
            )
            redis.pause()
            channels.hold("c")
            let waiting = Task.immediate { try await channels.ready("c") }
            channels.release("c")
            channels.tend()
            #expect(channels.count == 1)
            redis.resume()
            try await waiting.value
            channels.tend()
            #expect(channels.count == 0)
            await client.shutdown()
        }
    }
}
