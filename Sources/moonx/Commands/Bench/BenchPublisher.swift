import Logging
import NIOCore
import RedisClient

/// Where a measurement publishes: the gateway's HTTP endpoint, or the channels of rooms on Redis, which other servers can read too.
enum BenchPublisher: Sendable {
    case http(EventPublisher)
    case redis(RedisClient)

    /// One event, and the room it is for.
    struct Message: Sendable {
        let room: String
        let envelope: String
    }

    /// Connects to Redis.
    static func redis(url: String, on group: any EventLoopGroup) async throws -> BenchPublisher {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let client = try RedisClient(configuration: RedisConfiguration(url: url), group: group, logger: logger)
        try await client.start()
        return .redis(client)
    }

    /// Publishes the messages at once: as one request, or as one pipeline. Returns when they have been taken.
    func publish(_ messages: [Message]) async throws {
        switch self {
        case .http(let publisher):
            let envelopes = messages.map(\.envelope)
            try await publisher.publish(envelopes.count == 1 ? envelopes[0] : "[\(envelopes.joined(separator: ","))]")
        case .redis(let client):
            let answers = await client.pipeline(
                messages.map { RedisCommand("PUBLISH", "moonx:events:\($0.room)", .string($0.envelope)) }
            )
            for answer in answers { _ = try answer.get() }
        }
    }

    func close() async {
        switch self {
        case .http(let publisher): await publisher.close()
        case .redis(let client): await client.shutdown()
        }
    }
}
