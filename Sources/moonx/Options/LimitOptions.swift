import ArgumentParser
import EngineIO
import Gateway
import GatewayDomain

/// Each limit of the gateway as a setting: what one client, user, address or node may use.
struct LimitOptions: ParsableArguments {
    @Option(help: "on, or off to lift limits on counts and rates (not on size, memory and time). Default: on")
    var limits: Switch?

    @Option(help: "Connections that the node takes. Default: 100000")
    var connectionsPerNode: Int?

    @Option(help: "Connections of one user. Default: 20")
    var connectionsPerUser: Int?

    @Option(help: "Connections from one address. Default: 1000")
    var connectionsPerAddress: Int?

    @Option(
        help: ArgumentHelp(
            "Connection attempts from one address: so many a second, so many at once. Default: 100/500",
            valueName: "rate/burst"
        )
    )
    var handshakes: RateText?

    @Option(help: ArgumentHelp("Events of one connection. Default: 50/200", valueName: "rate/burst"))
    var clientEvents: RateText?

    @Option(help: ArgumentHelp("Events of one user over all connections. Default: 200/800", valueName: "rate/burst"))
    var userEvents: RateText?

    @Option(help: ArgumentHelp("Bytes of chat of one user over all connections. Default: 32000/1000000", valueName: "rate/burst"))
    var chatBytes: RateText?

    @Option(help: "Rooms of one connection. Default: 200")
    var roomsPerConnection: Int?

    @Option(help: "Users whose presence one connection watches. Default: 100")
    var watchedUsers: Int?

    @Option(help: "Bytes of the text of a chat message. Default: 16000")
    var chatMessageBytes: Int?

    @Option(help: "Bytes of a message, or of the body of a request. Default: 1000000")
    var maxPayload: Int?

    @Option(help: "Bytes that may wait for one connection before it is closed as slow. Default: 1048576")
    var queueBytes: Int?

    @Option(help: ArgumentHelp("How long bytes may wait for one connection before it is closed as slow. Default: 10s", valueName: "time"))
    var queueAge: TimeText?

    @Option(help: ArgumentHelp("How long a client may take to send its first request. Default: 10s", valueName: "time"))
    var handshakeTimeout: TimeText?

    @Option(help: ArgumentHelp("How long a client may take to connect to the namespace. Default: 10s", valueName: "time"))
    var connectTimeout: TimeText?

    @Option(help: ArgumentHelp("How long a client may take to answer a ping. Default: 20s", valueName: "time"))
    var pingTimeout: TimeText?

    @Option(help: ArgumentHelp("Time between a client's answer and the next ping. Default: 25s", valueName: "time"))
    var pingInterval: TimeText?

    @Option(help: ArgumentHelp("Time between the expiry of a token and the end of its connection. Default: 30s", valueName: "time"))
    var tokenGrace: TimeText?

    func validate() throws {
        var ignored = GatewayConfiguration()
        try apply(to: &ignored)
    }

    /// Sets the limits of a gateway.
    ///
    /// - Throws: `ValidationError` that names the setting.
    func apply(to configuration: inout GatewayConfiguration) throws {
        var limits = configuration.limits
        limits.areOn = try areOn()
        limits.connectionsPerNode = try count(connectionsPerNode, "connections-per-node", limits.connectionsPerNode)
        limits.connectionsPerUser = try count(connectionsPerUser, "connections-per-user", limits.connectionsPerUser)
        limits.connectionsPerAddress = try count(connectionsPerAddress, "connections-per-address", limits.connectionsPerAddress)
        limits.handshakes = try rate(handshakes, "handshakes", limits.handshakes)
        limits.clientEvents = try rate(clientEvents, "client-events", limits.clientEvents)
        limits.userEvents = try rate(userEvents, "user-events", limits.userEvents)
        limits.chatBytes = try rate(chatBytes, "chat-bytes", limits.chatBytes)
        limits.roomsPerConnection = try count(roomsPerConnection, "rooms-per-connection", limits.roomsPerConnection)
        limits.watchedUsersPerConnection = try count(watchedUsers, "watched-users", limits.watchedUsersPerConnection)
        limits.chatMessageBytes = try count(chatMessageBytes, "chat-message-bytes", limits.chatMessageBytes)
        configuration.limits = limits
        configuration.engine.maxPayload = try count(maxPayload, "max-payload", configuration.engine.maxPayload)
        configuration.engine.maxQueuedBytes = try count(queueBytes, "queue-bytes", configuration.engine.maxQueuedBytes)
        configuration.engine.maxQueuedAge = try time(queueAge, "queue-age", configuration.engine.maxQueuedAge)
        configuration.engine.handshakeTimeout = try time(handshakeTimeout, "handshake-timeout", configuration.engine.handshakeTimeout)
        configuration.engine.pingTimeout = try time(pingTimeout, "ping-timeout", configuration.engine.pingTimeout)
        configuration.engine.pingInterval = try time(pingInterval, "ping-interval", configuration.engine.pingInterval)
        configuration.connectTimeout = try time(connectTimeout, "connect-timeout", configuration.connectTimeout)
        configuration.tokenGrace = try time(tokenGrace, "token-grace", configuration.tokenGrace)
    }

    /// Whether counts and rates are limited.
    func areOn() throws -> Bool { try Setting.value(limits, "limits", default: .on) == .on }

    private func count(_ flag: Int?, _ name: String, _ fallback: Int) throws -> Int {
        try Setting.count(flag, name, default: fallback)
    }

    private func rate(_ flag: RateText?, _ name: String, _ fallback: TokenBucket.Rule) throws -> TokenBucket.Rule {
        try Setting.value(flag, name, default: RateText(rule: fallback)).rule
    }

    private func time(_ flag: TimeText?, _ name: String, _ fallback: Duration) throws -> Duration {
        try Setting.value(flag, name, default: TimeText(duration: fallback)).duration
    }
}

/// `50/200`: fifty a second, two hundred at once.
struct RateText: ExpressibleByArgument, LosslessStringConvertible {
    let rule: TokenBucket.Rule

    init(rule: TokenBucket.Rule) { self.rule = rule }

    init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
        guard parts.count == 2, let rate = parts[0], let burst = parts[1], rate.isFinite, burst.isFinite, rate > 0, burst >= 1 else {
            return nil
        }
        rule = TokenBucket.Rule(rate: rate, burst: burst)
    }

    init?(argument: String) { self.init(argument) }

    var description: String { "\(rule.rate)/\(rule.burst)" }
}

/// `90s`, `15m` or `24h`, more than nothing.
struct TimeText: ExpressibleByArgument, LosslessStringConvertible {
    let duration: Duration

    init(duration: Duration) { self.duration = duration }

    init?(_ description: String) {
        guard let duration = Duration(shortText: description), duration > .zero else { return nil }
        self.duration = duration
    }

    init?(argument: String) { self.init(argument) }

    var description: String { "\(duration.components.seconds)s" }
}
