import AccessToken
import ArgumentParser
import AuthService
import EngineIO
import Foundation
import Gateway
import GatewayDomain
import Hummingbird
import Logging
import NIOCore
import NIOSSL
import RedisClient
import ServiceLifecycle

/// `moonx gateway`: the gateway alone, for production.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Run the gateway alone.",
        discussion: """
            Each flag may also be given as an environment variable: --jwt-issuer is MOONX_JWT_ISSUER.

            Examples:
              moonx gateway --jwks https://auth.example.com/.well-known/jwks.json --jwt-issuer moonx-auth --jwt-audience moonx-gateway
              moonx gateway --config /etc/moonx.conf

            Status 0: after SIGTERM or Ctrl-C. 1: it could not start. 64: wrong usage.
            """
    )

    @OptionGroup var server: ServerOptions

    @OptionGroup var verification: VerificationOptions

    @Option(
        help: ArgumentHelp(
            "The file with the token that publishers present; publishing over HTTP is off without. Default: none",
            valueName: "file"
        )
    )
    var serviceTokenFile: String?

    @Option(help: "The auth service that /api/v1/auth/* is passed on to, such as http://127.0.0.1:3001. Default: none")
    var authUrl: String?

    func run() async throws {
        DescriptorLimit.raise()
        let logger = try server.logger("moonx")
        let rules = try verification.rules()
        let origins = try server.allowedOrigins(default: AllowedOrigins())
        let certificateRefresh = try await server.tls.refreshedCertificate(logger: logger)
        let certificate = certificateRefresh?.certificate
        var configuration = try server.gatewayConfiguration(origins: origins, isSecure: certificate != nil)
        if let file = Setting.text(serviceTokenFile, "service-token-file") {
            configuration.serviceToken = try ServiceToken(file: URL(filePath: file))
        }
        configuration.listener.tls = try certificate.map { try NIOSSLContext(configuration: $0.configuration) }
        let proxies = configuration.trustedProxies
        let proxy = try Setting.text(authUrl, "auth-url").map { url in
            AuthProxy(url: try Setting.server(url, "auth-url", default: "http://127.0.0.1:3001"), proxies: proxies, logger: logger)
        }
        if let proxy { configuration.otherMetrics = { proxy.metrics } }
        let group = try server.makeGroup()
        let redis = try await server.redis.connect(group: group, logger: logger)
        configuration.redis = redis
        let bridge = try await server.adapter.connect(server.redis, group: group, logger: logger)
        configuration.bridge = bridge?.0
        let host = Setting.text(server.host, "host") ?? "0.0.0.0"
        let keys = try await verification.keys(logger: logger)
        let revocations = RevocationList()
        let gateway = GatewayServer(
            configuration: configuration,
            verifier: AccessTokenVerifier(keys: keys, rules: rules, isRevoked: { revocations.isRevoked($0) }),
            group: group,
            logger: logger
        )
        if let redis {
            try await SharedRevocations(redis, logger: logger).join(revocations) { gateway.revoked($0) }
        } else {
            logger.notice("no Redis is configured: this node works alone, and revocations of a separate auth service do not reach it")
        }
        let service = GatewayService(
            server: gateway,
            host: host,
            port: try server.resolvedPort(),
            drainTime: try server.drain.time(default: .seconds(10)),
            logger: logger,
            addRoutes: { router in
                router.add(middleware: CORSHeadersMiddleware(origins: origins))
                proxy?.add(to: router)
            },
            onListening: { port in logger.notice("listening", metadata: ["host": "\(host)", "port": "\(port)"]) }
        )
        var services: [any Service] = [service]
        if let certificateRefresh { services.append(certificateRefresh) }
        if let remote = keys as? RemoteKeySet { services.append(KeyRefreshService(keys: remote)) }
        try await ServiceRunner.run(services, logger: logger)
        await bridge?.1.shutdown()
        await redis?.shutdown()
        try await group.shutdownGracefully()
    }
}
