import ArgumentParser
import Logging
import NIOCore
import RedisClient

/// `--redis URL`: what makes many gateways one.
struct RedisOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Redis that gateways share: redis://user:password@host:6379/0, or rediss:// with encryption; several hosts, separated by commas, are nodes of a cluster. Default: none, this node works alone",
            valueName: "url"
        )
    )
    var redis: String?

    private static let longestWait = Duration.milliseconds(500)

    func validate() throws {
        _ = try configuration()
    }

    /// Where Redis is; `nil` where none is configured.
    func configuration() throws -> RedisConfiguration? {
        guard let url = Setting.text(redis, "redis") else { return nil }
        do {
            var configuration = try RedisConfiguration(url: url)
            configuration.clientName = configuration.clientName ?? "moonx"
            // Clients see the newest values within a second after Redis is back.
            configuration.backoff.maximum = Self.longestWait
            return configuration
        } catch {
            // The message does not repeat the URL, which may hold a password.
            throw ValidationError("--redis: \(error.message)")
        }
    }

    /// A client that is connected; `nil` where no Redis is configured.
    ///
    /// - Throws: `StartFailure` with one clear line where it cannot be reached.
    func connect(group: any EventLoopGroup, logger: Logger) async throws -> RedisClient? {
        guard let configuration = try configuration() else { return nil }
        do {
            let client = try RedisClient(configuration: configuration, group: group, logger: logger)
            try await client.start()
            return client
        } catch {
            throw StartFailure(description: "Redis at \(configuration) cannot be used: \(error)")
        }
    }
}
