public import AccessToken
public import EngineIO
public import GatewayDomain
import NIOCore
public import RedisClient
public import SocketIO
public import Store

/// The settings of a gateway.
public struct GatewayConfiguration: Sendable {
    /// The transport's settings.
    public var engine = EngineConfiguration()
    /// How connections begin: TLS.
    public var listener = EngineListenerOptions()
    /// Whether connections from ``trustedProxies`` begin with a header of the PROXY protocol.
    public var speaksProxyProtocol = false
    /// What one client, user or address may use.
    public var limits = GatewayLimits()
    /// After how long without hearing itself through Redis a node is deaf.
    public var busDeafAfter: Duration = .seconds(2)
    /// How long and how much of rooms is remembered, and when a feed is reported stale.
    public var router = EventRouter.Configuration()
    /// Connection state recovery; `nil` for none.
    public var recovery: RecoveryConfiguration? = RecoveryConfiguration()
    /// Which rooms are whose.
    public var roomPolicy = RoomPolicy()
    /// The Redis by which this node and others are one, started; its owner shuts it down after the gateway. Without one the node works alone.
    /// With it, events come and go over it, and messages, notifications and presence are kept there,
    /// whatever ``messages`` and ``lastSeen`` say.
    public var redis: RedisClient?
    /// By which channels official emitters and other Socket.IO servers reach the gateway's clients; none where absent.
    public var bridge: SocketIOBridge?
    /// Where messages and notifications wait for their users; in memory where absent.
    public var messages: (any MessageStore)?
    /// Where it is written down when users were last seen; in memory where absent.
    public var lastSeen: (any LastSeenStore)?
    /// How long a user whose last device has gone still counts as there.
    public var presenceLinger: Duration = .seconds(5)
    /// Whether clients without a token are let in, to market rooms only.
    public var allowsGuests = false
    /// Time within which a client must connect to the namespace, and connect again once it has left it.
    public var connectTimeout: Duration = .seconds(10)
    /// Time between the expiry of a token and the end of its connection.
    public var tokenGrace: Duration = .seconds(30)
    /// Whether a token may also come as `token` in the query. Off, because URLs are logged.
    public var readsTokenFromQuery = false
    /// The proxies that are believed about the address of a client.
    public var trustedProxies = TrustedProxies.none
    /// What publishers must present; publishing over HTTP is off without.
    public var serviceToken: ServiceToken?
    /// The file that holds the official browser client.
    public var clientBundle: String?
    /// Metrics of other services of the process, in the Prometheus text format, that `/metrics` shows behind the gateway's own.
    public var otherMetrics: @Sendable () -> String = { "" }
    /// Whether `/` shows the dashboard.
    public var servesDashboard = true

    /// The defaults.
    public init() {
        // Enough for a client that reads; a price that waits behind more than this is no longer news.
        engine.maxUnsentBytes = 128 << 10
    }

    /// How connections begin, the PROXY protocol of trusted proxies included.
    var listenerOptions: EngineListenerOptions {
        var options = listener
        if speaksProxyProtocol {
            options.expectsProxyHeader = { [trustedProxies] peer in
                peer.ipAddress.flatMap { IPAddress($0) }.map { trustedProxies.contains($0) } ?? false
            }
        }
        return options
    }

    /// The router's settings: where events are kept for clients that are away, rooms are followed for longer than these may be.
    var routerConfiguration: EventRouter.Configuration {
        guard let recovery else { return router }
        var configuration = router
        configuration.keepsMissedEvents = true
        configuration.linger = max(router.linger, recovery.window + .seconds(10))
        return configuration
    }
}

/// What this program calls itself.
public enum GatewayVersion {
    /// The semantic version.
    public static let current = "0.1.0"
}
