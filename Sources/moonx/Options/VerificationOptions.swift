import AccessToken
import ArgumentParser
import Foundation
import Logging

/// With what access tokens are verified, for a gateway that does not sign any.
struct VerificationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Verify access tokens (HS256) with the bytes of this file. Required, unless --jwks is given.", valueName: "file")
    )
    var jwtSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "Verify access tokens with the keys of this JWKS, which is fetched again and again where it is a URL. Required, unless --jwt-secret-file is given.",
            valueName: "file or url"
        )
    )
    var jwks: String?

    @Option(help: "The `iss` that access tokens must have. Required.")
    var jwtIssuer: String?

    @Option(help: "The `aud` that access tokens must have. Required.")
    var jwtAudience: String?

    @OptionGroup var lifetime: LifetimeOption

    /// What tokens must say.
    func rules() throws -> AccessTokenRules {
        guard let issuer = Setting.text(jwtIssuer, "jwt-issuer"), let audience = Setting.text(jwtAudience, "jwt-audience"),
            !issuer.isEmpty, !audience.isEmpty
        else {
            throw ValidationError("--jwt-issuer and --jwt-audience are required: tokens made for another service must not work here")
        }
        return AccessTokenRules(issuer: issuer, audience: audience, maxLifetime: try lifetime.maximum())
    }

    /// The keys; where they are fetched, they need a ``KeyRefreshService``.
    func keys(logger: Logger) async throws -> any TokenKeySource {
        switch (Setting.text(jwtSecretFile, "jwt-secret-file"), Setting.text(jwks, "jwks")) {
        case (let file?, nil): return try await TokenKeys.sharedSecret(file: URL(filePath: file))
        case (nil, let place?):
            guard let url = URL(remote: place) else { return try await TokenKeys.jwks(file: URL(filePath: place)) }
            return try await RemoteKeySet.load(url: url) { error in
                logger.warning("the key set could not be fetched; the keys known stay in force", metadata: ["error": "\(error)"])
            }
        default: throw ValidationError("give either --jwks FILE or URL, or --jwt-secret-file FILE: access tokens are verified with it")
        }
    }
}

/// How far ahead the expiry of a token may lie.
struct LifetimeOption: ParsableArguments {
    @Option(help: "How far ahead the expiry of an access token may lie: 90s, 15m or 24h. Default: 24h")
    var maxTokenLifetime: String?

    func validate() throws {
        _ = try maximum()
    }

    func maximum() throws -> Duration {
        let text = Setting.text(maxTokenLifetime, "max-token-lifetime") ?? "24h"
        guard let duration = Duration(shortText: text), duration > .zero else {
            throw ValidationError("--max-token-lifetime must look like 90s, 15m or 24h, not “\(text)”")
        }
        return duration
    }
}

extension URL {
    /// The URL, where the text is one that is fetched over HTTP and not a path.
    init?(remote text: String) {
        let lower = text.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), let url = URL(string: text), url.host != nil else { return nil }
        self = url
    }
}
