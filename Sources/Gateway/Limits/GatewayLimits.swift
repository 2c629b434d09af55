public import GatewayDomain

/// What one client, user or address may use. Turning limits off lifts counts and rates; bounds on size, memory and time stay.
public struct GatewayLimits: Sendable {
    /// Whether counts and rates are enforced.
    public var areOn = true
    /// Connections of this node.
    public var connectionsPerNode = 100_000
    /// Connections of one user.
    public var connectionsPerUser = 20
    /// Connections from one address.
    public var connectionsPerAddress = 1000
    /// Attempts to connect from one address.
    public var handshakes = TokenBucket.Rule(rate: 100, burst: 500)
    /// Events of one connection.
    public var clientEvents = TokenBucket.Rule(rate: 50, burst: 200)
    /// Events of one user over all connections to this node.
    public var userEvents = TokenBucket.Rule(rate: 200, burst: 800)
    /// Bytes of chat messages, as they were written, of one user over all connections to this node.
    public var chatBytes = TokenBucket.Rule(rate: 32_000, burst: 1_000_000)
    /// By how many events a client's refused ones outnumber those allowed in between before it is disconnected.
    public var refusedEventsBeforeDisconnect = 1000
    /// Rooms of one connection.
    public var roomsPerConnection = 200
    /// Users whose presence one connection watches.
    public var watchedUsersPerConnection = 100
    /// Bytes of the text of a chat message. A bound on size: it stays where limits are off.
    public var chatMessageBytes = 16_000

    /// The defaults.
    public init() {}
}
