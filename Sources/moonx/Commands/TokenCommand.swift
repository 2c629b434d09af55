import AccessToken
import ArgumentParser
import AuthService
import Foundation
import GatewayDomain
import JSONScan

/// `moonx token`: mints an access token with the configured key.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Mint an access token, for development and tests.",
        discussion: """
            The key is that of the data folder: run it where `moonx up` runs, or give the same --data-dir or --jwt-secret-file.

            Examples:
              moonx token --user demo-user-0001
              moonx token --user demo-user-0001 --ttl 24h --group traders-of-the-moon
              MOONX_TOKEN=$(moonx token --user demo-user-0001) moonx listen price:BTC-USDC

            Status 0: the token is on standard output. 64: wrong usage.
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var data: DataDirectory
    @OptionGroup var tokens: TokenOptions

    @Option(help: "The user's id: 8 to 64 letters, digits or hyphens.")
    var user: String

    @Option(help: "How long the token is good: 90s, 15m or 24h. A negative time, --ttl=-5m, makes an expired token. Default: 15m")
    var ttl: String = "15m"

    @Option(help: "The `role` claim.")
    var role: String?

    @Option(help: "A group of the `groups` claim; may be repeated.")
    var group: [String] = []

    @Flag(help: "Print a JSON object: {\"token\", \"userId\", \"jti\", \"expiresAt\" (ms)}. Default: off")
    var json = false

    @Option(help: "So many tokens, one a line, for users <user>-1, <user>-2 and so on. Default: one, for the user")
    var count: Int?

    func run() async throws {
        guard let userID = UserID(user) else { throw ValidationError("--user must have 8 to 64 letters, digits or hyphens") }
        let users = try users(first: userID)
        guard let lifetime = Duration(shortText: ttl) else { throw ValidationError("--ttl must look like 90s, 15m or 24h") }
        var configuration = AuthConfiguration()
        try tokens.apply(to: &configuration)
        let keyFile = data.url.appending(path: "access-token.pem")
        let hadKey = FileManager.default.fileExists(atPath: keyFile.path)
        let keys = try await configuration.signingKeys.load(from: data.url)
        if !hadKey, FileManager.default.fileExists(atPath: keyFile.path) {
            let note = "There was no key in \(keyFile.path), so one was made. A gateway that runs already does not know it.\n"
            StandardError.write(note)
        }
        // An expired token is one that was issued a moment longer ago than it lasts.
        let isExpired = lifetime <= .zero
        let age = isExpired ? TimeInterval(1 - lifetime.components.seconds) : 0
        let issuer = try AccessTokenIssuer(
            keys: keys,
            issuer: configuration.issuer,
            audience: configuration.audience,
            now: { Date() - age }
        )
        for userID in users {
            let issued = try await issuer.issue(userID: userID, role: role, groups: group, lifetime: isExpired ? .seconds(1) : lifetime)
            print(json ? Self.json(issued, of: userID) : issued.token)
        }
    }

    /// The user, or with `--count` as many made of its id.
    private func users(first: UserID) throws -> [UserID] {
        guard let count else { return [first] }
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count must be from 1 to 1000000, not \(count)") }
        guard UserID("\(user)-\(count)") != nil else {
            throw ValidationError("--user is too long for --count: “\(user)-\(count)” has more than 64 characters")
        }
        return (1...count).compactMap { UserID("\(user)-\($0)") }
    }

    private static func json(_ issued: AccessTokenIssuer.Issued, of user: UserID) -> String {
        let texts = [("token", issued.token), ("userId", user.rawValue), ("jti", issued.tokenID)]
        let members = texts.map { "\"\($0)\":\(JSONString.literal($1))" }
        return "{\(members.joined(separator: ",")),\"expiresAt\":\(issued.expiresAt)}"
    }
}

extension Duration {
    /// `90s`, `15m`, `24h` or `-1s`.
    init?(shortText text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (-1_000_000_000...1_000_000_000).contains(count)
        else { return nil }
        self = .seconds(count * unit)
    }
}
