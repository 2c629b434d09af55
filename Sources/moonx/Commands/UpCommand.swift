import AccessToken
import ArgumentParser
import AuthService
import EngineIO
import Foundation
import Gateway
import GatewayDomain
import Hummingbird
import Logging
import MarketFeed
import NIOCore
import NIOSSL
import RedisClient
import ServiceLifecycle
import Store

/// `moonx up`: gateway, auth service and a market in one process.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run everything in one process, with a simulated market or recordings.",
        discussion: """
            For development and demonstrations: anyone may log in as anyone, so it listens on loopback addresses only, unless a Privy \
            app is configured. Each flag may also be given as an environment variable: --auth-port is MOONX_AUTH_PORT.

            Examples:
              moonx up
              moonx up --replay trades-BTC-USDT.csv --replay orderbook-XRP-USDT.jsonl --replay-speed 50
              moonx up --port 4011 --auth-port 4001 --data-dir /tmp/moonx

            Status 0: after SIGTERM or Ctrl-C. 1: it could not start. 64: wrong usage.
            """
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var data: DataDirectory
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var lifetime: LifetimeOption
    @OptionGroup var privy: PrivyOptions
    @OptionGroup var logins: LoginLimitOptions

    @Option(help: "The auth service's port. Default: 3001")
    var authPort: Int?

    @Option(help: ArgumentHelp("A recording to play instead of the simulated market; may be repeated. Default: none", valueName: "file"))
    var replay: [String] = []

    @Option(help: "How much faster than recorded; 0 is as fast as possible. Default: 1")
    var replaySpeed: Double?

    @Option(help: "The seed of the simulated market. Default: 1")
    var seed: UInt64?

    @Flag(inversion: .prefixedNo, help: "Whether to play a market at all. Default: on")
    var feed: Bool?

    @Flag(help: "Make every login rotate its refresh token. Default: off")
    var requireRotation = false

    func run() async throws {
        DescriptorLimit.raise()
        let logger = try server.logger("moonx")
        let host = Setting.text(server.host, "host") ?? "127.0.0.1"
        let isDevelopment = try privy.privy == nil
        guard !isDevelopment || Self.isLoopback(host) else {
            throw ValidationError(
                "--host \(host) is refused while the development login is on: anyone who reaches it could log in as anyone; "
                    + "use a loopback address, or configure Privy (--privy-app-id, --privy-key)"
            )
        }
        let feeds = try makeFeeds()
        let speed = try Self.speed(replaySpeed)
        let group = try server.makeGroup()
        let serviceToken = try data.makeServiceToken()

        let certificateRefresh = try await server.tls.refreshedCertificate(logger: logger)
        let certificate = certificateRefresh?.certificate
        let redis = try await server.redis.connect(group: group, logger: logger)
        let shared = redis.map { SharedRevocations($0, logger: logger) }
        let gateways = GatewayLink()
        let hasFeed = try feed ?? Setting.isOn(false, "feed", default: true)
        let accounts =
            isDevelopment && hasFeed && recordings.isEmpty
            ? DemonstrationAccounts(gateways: gateways, seed: try marketSeed(), logger: logger) : nil
        let parts = try await AuthParts(
            dataDirectory: data.url,
            configuration: try authConfiguration(serviceToken: serviceToken, isDevelopment: isDevelopment),
            logger: logger,
            onLogin: { user in accounts?.open(user.id) },
            onRevocation: { revocation in
                gateways.revoked(revocation)
                try await shared?.tell(revocation)
            }
        )
        var configuration = try server.gatewayConfiguration(origins: parts.configuration.allowedOrigins, isSecure: certificate != nil)
        configuration.serviceToken = serviceToken
        configuration.otherMetrics = { parts.metrics }
        configuration.listener.tls = try certificate.map { try NIOSSLContext(configuration: $0.configuration) }
        // Messages wait for their users over restarts.
        let mailbox = try SQLiteMailbox(
            .file(data.url.appending(path: "messages.sqlite")),
            now: { Int64(Date().timeIntervalSince1970 * 1000) }
        )
        configuration.messages = mailbox
        configuration.lastSeen = mailbox
        configuration.redis = redis
        let bridge = try await server.adapter.connect(server.redis, group: group, logger: logger)
        configuration.bridge = bridge?.0
        let gateway = GatewayServer(configuration: configuration, verifier: parts.verifier, group: group, logger: logger)
        gateways.connect(gateway)
        try await shared?.join(parts.revocations) { revocation in gateways.revoked(revocation) }

        let proxies = configuration.trustedProxies
        let routes = AuthRoutes<GatewayRequestContext>(parts: parts) { request, context in
            proxies.clientAddress(peer: context.peer, fields: request.headers)
        }
        let origins = parts.configuration.allowedOrigins
        let announcement = Announcement(
            directory: data,
            recordings: recordings,
            hasFeed: hasFeed,
            host: host,
            isSecure: certificate != nil
        )
        let authPort = try Setting.port(authPort, "auth-port", default: 3001)
        let application = AuthApplication.make(
            parts: parts,
            host: host,
            port: authPort,
            server: try .http1(certificate, timeouts: parts.timeouts),
            logger: logger,
            clientAddress: { fields, peer in proxies.clientAddress(peer: peer, fields: fields) },
            onListening: { port in await announcement.authListens(port) }
        )
        let (turn, gatewayIsUp) = AsyncStream.makeStream(of: Void.self)
        var services: [any Service] = [
            AuthListener(application: application, host: host, port: authPort, turn: turn),
            GatewayService(
                server: gateway,
                host: host,
                port: try server.resolvedPort(),
                drainTime: try server.drain.time(default: .seconds(1)),
                logger: logger,
                addRoutes: { router in
                    router.add(middleware: CORSHeadersMiddleware(origins: origins))
                    routes.add(to: router)
                },
                onListening: { port in
                    await announcement.gatewayListens(port)
                    gatewayIsUp.finish()
                }
            ),
        ]
        if let certificateRefresh { services.append(certificateRefresh) }
        if let keys = parts.privyKeys { services.append(KeyRefreshService(keys: keys)) }
        if hasFeed {
            services.append(
                FeedService(
                    feeds: feeds,
                    speed: speed,
                    loops: !recordings.isEmpty,
                    server: gateway,
                    logger: logger,
                    observe: { accounts?.saw($0) }
                )
            )
        }
        if let accounts { services.append(accounts) }
        try await ServiceRunner.run(services, logger: logger)
        await bridge?.1.shutdown()
        await redis?.shutdown()
        try await group.shutdownGracefully()
    }

    private var recordings: [String] { Setting.list(replay, "replay") }

    private func marketSeed() throws -> UInt64 { try Self.seed(seed) }

    static func seed(_ flag: UInt64?) throws -> UInt64 { try Setting.value(flag, "seed", default: 1) }

    static func speed(_ flag: Double?) throws -> PlaybackSpeed {
        guard let speed = PlaybackSpeed(try Setting.value(flag, "replay-speed", default: 1)) else {
            throw ValidationError("--replay-speed must be 0 or a positive number")
        }
        return speed
    }

    private func makeFeeds() throws -> [any Feed] {
        if recordings.isEmpty {
            let start = Int64(Date().timeIntervalSince1970 * 1000)
            return [MarketSimulator(seed: try marketSeed(), start: start)]
        }
        return try recordings.map { path in
            do { return try Recording.open(path: path) } catch { throw ValidationError("\(error)") }
        }
    }

    private func authConfiguration(serviceToken: ServiceToken, isDevelopment: Bool) throws -> AuthConfiguration {
        var configuration = AuthConfiguration()
        try tokens.apply(to: &configuration)
        configuration.isDevelopment = isDevelopment
        configuration.requiresRotation = try Setting.isOn(requireRotation, "require-rotation")
        configuration.maxTokenLifetime = try lifetime.maximum()
        configuration.privy = try privy.privy
        configuration.serviceToken = serviceToken
        configuration.allowedOrigins = try server.allowedOrigins(default: .localhost)
        try logins.apply(to: &configuration)
        if try !server.limits.areOn() { configuration.failedLogins = nil }
        return configuration
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }
}
