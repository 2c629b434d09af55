import ArgumentParser
import AuthService
import Foundation

/// How access tokens are signed and what they say.
struct TokenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Sign with HS256 and the 32 or more bytes of this file. Default: a generated ES256 key", valueName: "file"))
    var jwtSecretFile: String?

    @Option(help: "The `iss` of access tokens. Default: moonx-auth")
    var jwtIssuer: String?

    @Option(help: "The `aud` of access tokens. Default: moonx-gateway")
    var jwtAudience: String?

    func apply(to configuration: inout AuthConfiguration) throws {
        if let file = Setting.text(jwtSecretFile, "jwt-secret-file") { configuration.signingKeys = .sharedSecret(URL(filePath: file)) }
        configuration.issuer = Setting.text(jwtIssuer, "jwt-issuer") ?? configuration.issuer
        configuration.audience = Setting.text(jwtAudience, "jwt-audience") ?? configuration.audience
    }
}
