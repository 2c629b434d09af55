import ArgumentParser
import AuthService
import EngineIO
import Foundation
import Gateway
import Logging
import NIOCore
import NIOPosix

/// The settings that `moonx up` and `moonx gateway` share.
struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen on. Default: 127.0.0.1 for up, 0.0.0.0 for gateway and auth.")
    var host: String?

    @Option(help: "The gateway's port. Default: 3011")
    var port: Int?

    @Option(help: "How many event loops serve clients. Default: one for each core")
    var eventLoops: Int?

    @Option(help: ArgumentHelp("The official browser client, served at /socket.io/socket.io.js.", valueName: "file"))
    var clientBundle: String?

    @Option(help: ArgumentHelp("Web origins that may use the API, separated by commas.", valueName: "origins"))
    var corsOrigins: String?

    @Option(help: "on, or off to lift limits on counts and rates (not on size, memory and time). Default: on")
    var limits: Switch?

    @Flag(help: "Let clients without a token into market rooms.")
    var allowGuests = false

    @OptionGroup var groups: GroupOptions

    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info")
    var logLevel: String?

    func validate() throws {
        _ = try resolvedPort()
        _ = try resolvedEventLoops()
        _ = try logger("moonx")
    }

    func resolvedPort() throws -> Int { try Setting.port(port, "port", default: 3011) }

    func logger(_ label: String) throws -> Logger {
        let text = Setting.text(logLevel, "log-level") ?? "info"
        guard let level = Logger.Level(rawValue: text) else { throw ValidationError("--log-level: “\(text)” is not a log level") }
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    func makeGroup() throws -> MultiThreadedEventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: try resolvedEventLoops())
    }

    private func resolvedEventLoops() throws -> Int {
        let count = try Setting.value(eventLoops, "event-loops", default: System.coreCount)
        guard (1...1024).contains(count) else { throw ValidationError("--event-loops must be from 1 to 1024, not \(count)") }
        return count
    }

    /// The web origins that may use the API; `fallback` where the setting is absent.
    func allowedOrigins(default fallback: AllowedOrigins) -> AllowedOrigins {
        guard let text = Setting.text(corsOrigins, "cors-origins") else { return fallback }
        return AllowedOrigins(text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    /// The gateway's settings as far as these options go.
    func gatewayConfiguration(origins: AllowedOrigins) throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.engine.cors = CORSPolicy { origins.allows($0) }
        configuration.limits.areOn = try Setting.value(limits, "limits", default: .on) == .on
        configuration.allowsGuests = allowGuests || Setting.text(nil, "allow-guests") == "true"
        configuration.roomPolicy = try groups.policy()
        configuration.clientBundle = Setting.text(clientBundle, "client-bundle")
        if let bundle = configuration.clientBundle, !FileManager.default.isReadableFile(atPath: bundle) {
            throw ValidationError("--client-bundle \(bundle) cannot be read")
        }
        return configuration
    }
}

/// `on` or `off`.
enum Switch: String, ExpressibleByArgument, LosslessStringConvertible, CaseIterable {
    case on
    case off

    init?(_ description: String) { self.init(rawValue: description) }
    var description: String { rawValue }
}
