import AccessToken
import ArgumentParser
import AuthService
import Foundation
import Logging

/// `moonx auth`: the auth service alone, for production.
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Run the auth service alone.",
        discussion: "Each flag may also be given as an environment variable: --privy-key is MOONX_PRIVY_KEY."
    )

    @OptionGroup var data: DataDirectory
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var privy: PrivyOptions

    @Option(help: "The address to listen on. Default: 0.0.0.0")
    var host: String?

    @Option(help: "The port. Default: 3001")
    var port: Int?

    @Option(help: ArgumentHelp("Web origins that may use the API, separated by commas.", valueName: "origins"))
    var corsOrigins: String?

    @Option(help: ArgumentHelp("The file with the token that /revoke asks for; it is off without.", valueName: "file"))
    var serviceTokenFile: String?

    @Flag(help: "Make every login rotate its refresh token.")
    var requireRotation = false

    func run() async throws {
        var logger = Logger(label: "moonx") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        guard let privy = try privy.privy else {
            throw ValidationError("--privy-app-id and --privy-key are required: without them nobody could log in")
        }
        var configuration = AuthConfiguration()
        try tokens.apply(to: &configuration)
        configuration.privy = privy
        configuration.requiresRotation = requireRotation
        if let origins = Setting.text(corsOrigins, "cors-origins") {
            configuration.allowedOrigins = AllowedOrigins(origins.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        if let file = Setting.text(serviceTokenFile, "service-token-file") {
            configuration.serviceToken = try ServiceToken(file: URL(filePath: file))
        }
        let parts = try await AuthParts(dataDirectory: data.url, configuration: configuration, logger: logger)
        logger.notice("no Redis is configured: revocations do not reach gateways that run elsewhere")
        let application = AuthApplication.make(
            parts: parts,
            host: Setting.text(host, "host") ?? "0.0.0.0",
            port: try Setting.port(port, "port", default: 3001),
            logger: logger,
            onListening: { [logger] port in logger.notice("listening", metadata: ["port": "\(port)"]) }
        )
        try await ServiceRunner.run([application], logger: logger)
    }
}
