import ArgumentParser
import AuthService
import GatewayDomain

/// The limits of the services that have a login.
struct LoginLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Failed logins of one address: so many a second, so many at once. Default: 1/60", valueName: "rate/burst")
    )
    var failedLogins: RateText?

    @Option(help: "Sessions of one user; one login more ends the oldest of those that are not in use. Default: 100")
    var sessionsPerUser: Int?

    @Option(help: "Access tokens of one session that have not expired; one refresh more is refused. Default: 60")
    var tokensPerSession: Int?

    /// Sets the limits of an auth service.
    ///
    /// - Throws: `ValidationError` that names the setting.
    func apply(to configuration: inout AuthConfiguration) throws {
        let fallback = configuration.failedLogins ?? TokenBucket.Rule(rate: 1, burst: 60)
        configuration.failedLogins = try Setting.value(failedLogins, "failed-logins", default: RateText(rule: fallback)).rule
        configuration.sessionsPerUser = try Setting.count(sessionsPerUser, "sessions-per-user", default: configuration.sessionsPerUser)
        configuration.tokensPerSession = try Setting.count(tokensPerSession, "tokens-per-session", default: configuration.tokensPerSession)
    }
}
