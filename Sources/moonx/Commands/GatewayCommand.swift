import AccessToken
import ArgumentParser
import AuthService
import EngineIO
import Foundation
import Gateway
import Hummingbird
import Logging
import NIOCore

/// `moonx gateway`: the gateway alone, for production.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Run the gateway alone.",
        discussion: "Each flag may also be given as an environment variable: --jwt-issuer is MOONX_JWT_ISSUER."
    )

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Verify access tokens (HS256) with the bytes of this file.", valueName: "file"))
    var jwtSecretFile: String?

    @Option(help: ArgumentHelp("Verify access tokens with the keys of this JWKS file.", valueName: "file"))
    var jwks: String?

    @Option(help: "The `iss` that access tokens must have. Required.")
    var jwtIssuer: String?

    @Option(help: "The `aud` that access tokens must have. Required.")
    var jwtAudience: String?

    @Option(help: ArgumentHelp("The file with the token that publishers present; publishing over HTTP is off without.", valueName: "file"))
    var serviceTokenFile: String?

    @Option(help: "The auth service that /api/v1/auth/* is passed on to, such as http://127.0.0.1:3001.")
    var authUrl: String?

    func run() async throws {
        DescriptorLimit.raise()
        let logger = try server.logger("moonx")
        guard let issuer = Setting.text(jwtIssuer, "jwt-issuer"), let audience = Setting.text(jwtAudience, "jwt-audience") else {
            throw ValidationError("--jwt-issuer and --jwt-audience are required: tokens made for another service must not work here")
        }
        let rules = AccessTokenRules(issuer: issuer, audience: audience)
        let origins = server.allowedOrigins(default: AllowedOrigins())
        var configuration = try server.gatewayConfiguration(origins: origins)
        if let file = Setting.text(serviceTokenFile, "service-token-file") {
            configuration.serviceToken = try ServiceToken(file: URL(filePath: file))
        }
        let proxy = Setting.text(authUrl, "auth-url").map { AuthProxy(url: $0, logger: logger) }
        let group = try server.makeGroup()
        let host = Setting.text(server.host, "host") ?? "0.0.0.0"
        let gateway = GatewayServer(
            configuration: configuration,
            verifier: AccessTokenVerifier(keys: try await keys(), rules: rules),
            group: group,
            logger: logger
        )
        logger.notice("no Redis is configured: this node works alone, and revocations of a separate auth service do not reach it")
        let service = GatewayService(
            server: gateway,
            host: host,
            port: try server.resolvedPort(),
            addRoutes: { router in
                router.add(middleware: CORSHeadersMiddleware(origins: origins))
                proxy?.add(to: router)
            },
            onListening: { port in logger.notice("listening", metadata: ["host": "\(host)", "port": "\(port)"]) }
        )
        try await ServiceRunner.run([service], logger: logger)
        try await group.shutdownGracefully()
    }

    private func keys() async throws -> TokenKeys {
        switch (Setting.text(jwtSecretFile, "jwt-secret-file"), Setting.text(jwks, "jwks")) {
        case (let file?, nil): return try await .sharedSecret(file: URL(filePath: file))
        case (nil, let file?): return try await .jwks(file: URL(filePath: file))
        default: throw ValidationError("give either --jwks FILE or --jwt-secret-file FILE: access tokens are verified with it")
        }
    }
}
