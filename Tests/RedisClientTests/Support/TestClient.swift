import Logging
import NIOCore
import NIOPosix
import RESP
import RedisClient
import RedisServers
import Synchronization

/// Clients for one test.
enum TestClient {
    /// Runs a test with a client that is connected.
    static func run<Result>(
        _ url: String,
        _ change: (inout RedisConfiguration) -> Void = { _ in },
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        var configuration = try RedisConfiguration(url: url)
        configuration.connectTimeout = .seconds(30)
        configuration.commandTimeout = .seconds(30)
        change(&configuration)
        let client = try RedisClient(
            configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await client.start()
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// What came, for a test to wait for.
final class Journal<Entry: Sendable>: Sendable {
    private let entries = Mutex<[Entry]>([])

    struct NotMet: Error { let entries: [Entry] }

    var all: [Entry] { entries.withLock { $0 } }

    func append(_ entry: Entry) { entries.withLock { $0.append(entry) } }

    /// Waits until what came is enough.
    func wait(seconds: Int = 30, until isMet: ([Entry]) -> Bool) async throws {
        for _ in 0..<(seconds * 100) {
            if isMet(all) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NotMet(entries: all)
    }
}

/// Waits until something is so.
func eventually(seconds: Int = 30, _ isMet: () async throws -> Bool) async throws {
    for _ in 0..<(seconds * 100) {
        if try await isMet() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Journal<Never>.NotMet(entries: [])
}
