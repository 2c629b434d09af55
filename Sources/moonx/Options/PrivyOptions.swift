import ArgumentParser
import AuthService
import Foundation

/// The Privy app whose users may log in.
struct PrivyOptions: ParsableArguments {
    @Option(help: "The Privy app id. Without one, only the development login works, and only under `up`. Required by auth.")
    var privyAppId: String?

    @Option(
        help: ArgumentHelp(
            "The Privy app's verification key: a PEM file, a JWKS file ending in .json, or the URL of a JWKS. Required with --privy-app-id.",
            valueName: "file or url"
        )
    )
    var privyKey: String?

    var privy: AuthConfiguration.Privy? {
        get throws {
            let app = Setting.text(privyAppId, "privy-app-id")
            let key = Setting.text(privyKey, "privy-key")
            switch (app, key) {
            case (nil, nil): return nil
            case (let app?, let key?):
                if let url = URL(remote: key) { return AuthConfiguration.Privy(appID: app, verificationKey: .remoteJWKS(url)) }
                let file = URL(filePath: key)
                return AuthConfiguration.Privy(appID: app, verificationKey: key.hasSuffix(".json") ? .jwks(file) : .pem(file))
            default: throw ValidationError("--privy-app-id and --privy-key go together")
            }
        }
    }
}
