import AccessToken
import ArgumentParser
import AuthService
import Foundation
import GatewayDomain
import Logging
import NIOPosix
import RedisClient
import ServiceLifecycle

/// `moonx auth`: the auth service alone, for production.
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Run the auth service alone.",
        discussion: """
            Each flag may also be given as an environment variable: --privy-key is MOONX_PRIVY_KEY.

            Examples:
              moonx auth --privy-app-id clz0… --privy-key privy.pem --jwt-issuer moonx-auth --jwt-audience moonx-gateway
              moonx auth --config /etc/moonx.conf

            Status 0: after SIGTERM or Ctrl-C. 1: it could not start. 64: wrong usage.
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var log: LogOptions
    @OptionGroup var proxy: ProxyOptions
    @OptionGroup var tls: TLSOptions
    @OptionGroup var redis: RedisOptions
    @OptionGroup var data: DataDirectory
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var lifetime: LifetimeOption
    @OptionGroup var privy: PrivyOptions
    @OptionGroup var logins: LoginLimitOptions

    @Option(help: "The address to listen on. Default: 0.0.0.0")
    var host: String?

    @Option(help: "The port; in a file auth-port, as a variable MOONX_AUTH_PORT. Default: 3001")
    var port: Int?

    @Option(help: ArgumentHelp("Web origins that may use the API, separated by commas. Default: none", valueName: "origins"))
    var corsOrigins: String?

    @Option(help: ArgumentHelp("The file with the token that /revoke asks for; it is off without. Default: none", valueName: "file"))
    var serviceTokenFile: String?

    @Flag(help: "Make every login rotate its refresh token. Default: off")
    var requireRotation = false

    func run() async throws {
        DescriptorLimit.raise()
        let logger = try log.logger("moonx")
        guard let privy = try privy.privy else {
            throw ValidationError("--privy-app-id and --privy-key are required: without them nobody could log in")
        }
        var configuration = AuthConfiguration()
        try tokens.apply(to: &configuration)
        configuration.privy = privy
        configuration.requiresRotation = try Setting.isOn(requireRotation, "require-rotation")
        configuration.maxTokenLifetime = try lifetime.maximum()
        try logins.apply(to: &configuration)
        if let origins = try Setting.origins(corsOrigins, "cors-origins", wildcard: true) {
            configuration.allowedOrigins = AllowedOrigins(origins)
        }
        if let file = Setting.text(serviceTokenFile, "service-token-file") {
            configuration.serviceToken = try ServiceToken(file: URL(filePath: file))
        }
        let certificateRefresh = try await tls.refreshedCertificate(logger: logger)
        let certificate = certificateRefresh?.certificate
        let redis = try await redis.connect(group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let shared = redis.map { SharedRevocations($0, logger: logger) }
        let parts = try await AuthParts(
            dataDirectory: data.url,
            configuration: configuration,
            logger: logger,
            onRevocation: { revocation in try await shared?.tell(revocation) }
        )
        if let shared {
            try await shared.join(parts.revocations)
        } else {
            logger.notice("no Redis is configured: revocations do not reach gateways that run elsewhere")
        }
        let proxies = try proxy.proxies()
        let host = Setting.text(host, "host") ?? "0.0.0.0"
        // A file for all services has the gateway's as `port`.
        let port = try port.map { try Setting.port($0, "port", default: 3001) } ?? Setting.port(nil, "auth-port", default: 3001)
        let application = AuthApplication.make(
            parts: parts,
            host: host,
            port: port,
            server: try .http1(certificate, timeouts: parts.timeouts),
            logger: logger,
            clientAddress: { fields, peer in proxies.clientAddress(peer: peer, fields: fields) },
            onListening: { port in logger.notice("listening", metadata: ["port": "\(port)"]) }
        )
        var services: [any Service] = [AuthListener(application: application, host: host, port: port)]
        if let certificateRefresh { services.append(certificateRefresh) }
        if let keys = parts.privyKeys { services.append(KeyRefreshService(keys: keys)) }
        try await ServiceRunner.run(services, logger: logger)
        await redis?.shutdown()
    }
}
