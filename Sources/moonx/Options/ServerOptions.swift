import ArgumentParser
import AuthService
import EngineIO
import Foundation
import Gateway
import GatewayDomain
import Logging
import NIOCore
import NIOPosix

/// The settings that `moonx up` and `moonx gateway` share.
struct ServerOptions: ParsableArguments {
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var log: LogOptions
    @OptionGroup var proxy: ProxyOptions
    @OptionGroup var tls: TLSOptions
    @OptionGroup var redis: RedisOptions
    @OptionGroup var adapter: AdapterOptions

    @Option(help: "The address to listen on. Default: 127.0.0.1 for up, 0.0.0.0 for gateway and auth.")
    var host: String?

    @Option(help: "The gateway's port. Default: 3011")
    var port: Int?

    @Option(help: "How many event loops serve clients. Default: one for each core")
    var eventLoops: Int?

    @Option(
        help: ArgumentHelp(
            "After sending, look for more to do for so long before an event loop sleeps: lower latency for a core of its own; 50ms, 1s. Default: 0",
            valueName: "duration"
        )
    )
    var busyPoll: String?

    @Option(help: ArgumentHelp("The official browser client, served at /socket.io/socket.io.js. Default: none", valueName: "file"))
    var clientBundle: String?

    @Option(
        help: ArgumentHelp(
            "Web origins that may use the API, separated by commas. Default: localhost under up, else none",
            valueName: "origins"
        )
    )
    var corsOrigins: String?

    @OptionGroup var limits: LimitOptions

    @Flag(help: "Let clients without a token into market rooms. Default: off")
    var allowGuests = false

    @Flag(help: "Connections from --trusted-proxies begin with a header of the PROXY protocol, version 1 or 2. Default: off")
    var proxyProtocol = false

    @OptionGroup var groups: GroupOptions

    @OptionGroup var transport: TransportOptions

    @OptionGroup var recovery: RecoveryOptions

    @OptionGroup var drain: DrainOptions

    @Flag(help: "Take tokens from the query (?token=) too. URLs are logged in many places, so better not. Default: off")
    var tokenInQuery = false

    @Flag(name: .customLong("allow-eio3"), help: "Serve clients of Socket.IO 1 and 2 too (Engine.IO protocol 3). Default: off")
    var allowEIO3 = false

    func validate() throws {
        _ = try resolvedPort()
        _ = try resolvedEventLoops()
        _ = try resolvedBusyPolling()
        _ = try Setting.isOn(allowGuests, "allow-guests")
        _ = try Setting.isOn(tokenInQuery, "token-in-query")
        _ = try Setting.isOn(allowEIO3, "allow-eio3")
        _ = try speaksProxyProtocol()
        _ = try groups.policy()
    }

    private func speaksProxyProtocol() throws -> Bool {
        let isOn = try Setting.isOn(proxyProtocol, "proxy-protocol")
        if isOn, try proxy.proxies() == .none {
            throw ValidationError("--proxy-protocol needs --trusted-proxies: nobody else is believed about the address of a client")
        }
        return isOn
    }

    func resolvedPort() throws -> Int { try Setting.port(port, "port", default: 3011) }

    func logger(_ label: String) throws -> Logger { try log.logger(label) }

    func makeGroup() throws -> MultiThreadedEventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: try resolvedEventLoops())
    }

    private func resolvedEventLoops() throws -> Int {
        let count = try Setting.value(eventLoops, "event-loops", default: System.coreCount)
        guard (1...1024).contains(count) else { throw ValidationError("--event-loops must be from 1 to 1024, not \(count)") }
        return count
    }

    private func resolvedBusyPolling() throws -> Duration {
        let text = Setting.text(busyPoll, "busy-poll") ?? "0"
        // Other durations are of whole seconds, and counted so.
        let count = text.hasSuffix("ms") ? Int64(text.dropLast(2)) : nil
        let milliseconds = count.flatMap { 0...10_000 ~= $0 ? Duration.milliseconds($0) : nil }
        guard let duration = text == "0" ? .zero : milliseconds ?? Duration(shortText: text), duration >= .zero, duration <= .seconds(10)
        else {
            throw ValidationError("--busy-poll must look like 50ms or 1s, at most 10s, or be 0, not “\(text)”")
        }
        return duration
    }

    /// The web origins that may use the API; `fallback` where the setting is absent.
    func allowedOrigins(default fallback: AllowedOrigins) throws -> AllowedOrigins {
        try Setting.origins(corsOrigins, "cors-origins", wildcard: true).map { AllowedOrigins($0) } ?? fallback
    }

    /// The gateway's settings as far as these options go. `isSecure`: the port speaks TLS.
    func gatewayConfiguration(origins: AllowedOrigins, isSecure: Bool) throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.engine.cors = CORSPolicy { origins.allows($0) }
        configuration.engine.busyPolling = try resolvedBusyPolling()
        configuration.engine.allowEIO3 = try Setting.isOn(allowEIO3, "allow-eio3")
        try limits.apply(to: &configuration)
        try transport.apply(to: &configuration.engine, isSecure: isSecure)
        configuration.roomPolicy = try groups.policy()
        configuration.recovery = try recovery.recovery()
        configuration.allowsGuests = try Setting.isOn(allowGuests, "allow-guests")
        configuration.readsTokenFromQuery = try Setting.isOn(tokenInQuery, "token-in-query")
        configuration.trustedProxies = try proxy.proxies()
        configuration.speaksProxyProtocol = try speaksProxyProtocol()
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
