import Logging
import NIOPosix
import RedisClient
import RedisServers

/// One redis-server for all tests of this process, each with keys of its own.
enum SharedRedis {
    private static let start = Task { try await RedisServer() }

    /// A client of its own for one test, which goes with the process.
    static func client() async throws -> RedisClient { try await client(of: try await start.value) }

    static func client(of server: RedisServer) async throws -> RedisClient {
        let configuration = try RedisConfiguration(url: server.url)
        let client = try RedisClient(
            configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
        try await client.start()
        return client
    }
}
