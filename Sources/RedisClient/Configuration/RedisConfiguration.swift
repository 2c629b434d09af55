/// How to reach Redis, and how long and how much may wait.
public struct RedisConfiguration: Sendable {
    /// Servers to begin with: one, or several nodes of one cluster. Tried in order.
    public var addresses: [RedisAddress]
    /// The user of an access list; `nil`: the default user.
    public var username: String?
    /// The password. Never logged.
    public var password: String?
    /// The database that is selected. A cluster has 0 only.
    public var database = 0
    /// What `CLIENT LIST` shows of the connections.
    public var clientName: String?
    /// Encryption; `nil`: none.
    public var tls: RedisTLS?
    /// Whether the servers are a cluster; `nil`: they are asked.
    public var isCluster: Bool?
    /// How long a connection may take, greeting included, and how long ``RedisClient/start()`` may, over all servers: each has an equal part of
    /// it, an eighth at least, before the next is tried.
    public var connectTimeout = Duration.seconds(5)
    /// How long the answer to a command may take, the wait for a connection included.
    public var commandTimeout = Duration.seconds(5)
    /// A connection over which nothing came for so long, although an answer is late, is given up and made anew.
    public var silenceTimeout = Duration.seconds(15)
    /// How often a connection for subscriptions is asked whether it lives, and a cluster who is in it while there are subscriptions.
    public var pingInterval = Duration.seconds(5)
    /// The most commands that may wait for their answers, on each connection.
    public var maximumQueuedCommands = 65_536
    /// The most bytes of commands that may wait for their answers, on each connection.
    public var maximumQueuedBytes = 64 * 1024 * 1024
    /// The most redirections (`MOVED`, `ASK`, `TRYAGAIN`) that one command follows.
    public var maximumRedirections = 8
    /// The waits between attempts to connect.
    public var backoff = BackoffPolicy()

    /// The settings for these servers, with the defaults that the properties name.
    public init(addresses: [RedisAddress]) {
        self.addresses = addresses
    }

    /// The servers without user and password, for logs.
    public var description: String {
        "\(tls == nil ? "redis" : "rediss")://\(addresses.map(\.description).joined(separator: ","))/\(database)"
    }
}

extension RedisConfiguration: CustomStringConvertible {}

/// How connections are encrypted: the server's certificate is always checked.
public struct RedisTLS: Hashable, Sendable {
    /// A PEM file of the authorities that are trusted, in place of the system's.
    public var certificateAuthorityFile: String?
    /// The name that the certificate must have, where it is not the host's.
    public var serverName: String?
    /// PEM files of the client's own certificate and its key, where the server asks for one.
    public var certificateFile: String?
    /// See ``certificateFile``.
    public var privateKeyFile: String?

    /// Encryption with the system's authorities.
    public init() {}
}

/// The waits between attempts to connect: each twice the last, up to a bound, and a part of it by chance, so that many clients of a server
/// that is back do not come at once.
public struct BackoffPolicy: Hashable, Sendable {
    /// The first wait, before chance.
    public var initial = Duration.milliseconds(50)
    /// The longest wait, before chance.
    public var maximum = Duration.seconds(2)
    /// How much of a wait is by chance, 0 to 1: at 0.5, a wait is between half of itself and the whole.
    public var jitter = 0.5

    /// The waits that the properties name.
    public init() {}
}
