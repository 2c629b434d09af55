public import SocketIOCore

/// Carries messages between the servers of a cluster: Redis, another broker, or memory in tests.
///
/// The driver knows the wire (channels, encoding) and nothing of what messages mean; ``ClusterAdapter`` knows that. Messages of one server
/// must arrive in the order they were sent.
public protocol ClusterDriver: Sendable {
    /// Begins to hand over to `receive` what others send about `namespace`, one after the other, on any thread. `server` is who listens:
    /// answers to it come here too. Its own messages need not come; they are ignored.
    func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void)

    /// Stops that.
    func leave(_ namespace: String, as server: String)

    /// Sends to all servers. Must not wait; what cannot be sent is the driver's to count.
    func publish(_ message: ClusterMessage)

    /// Sends to one server. Must not wait.
    func respond(_ message: ClusterMessage, to server: String)

    /// How many servers listen to `namespace`, this one included; `nil` where the driver cannot know: the adapter then sends heartbeats and
    /// counts those of others.
    func serverCount(_ namespace: String) async throws -> Int?

    /// Whether the driver counts servers; where it does not, the adapter sends heartbeats.
    var countsServers: Bool { get }

    /// Whether there may be servers that nobody counts: a broadcast that asks for answers then waits for them until its time is over.
    var hasUncountedServers: Bool { get }

    /// Whether ``room(_:of:hasMembers:)`` is to be called.
    var followsRooms: Bool { get }

    /// A room of `namespace` has members on this server now, or none any more. On any thread; calls about one room come in order.
    func room(_ room: String, of namespace: String, hasMembers: Bool)
}

extension ClusterDriver {
    /// Unknown.
    public func serverCount(_ namespace: String) async throws -> Int? { nil }

    /// No.
    public var countsServers: Bool { false }

    /// No.
    public var hasUncountedServers: Bool { false }

    /// No.
    public var followsRooms: Bool { false }

    /// Nothing.
    public func room(_ room: String, of namespace: String, hasMembers: Bool) {}
}

/// The settings of a ``ClusterAdapter``; defaults are the reference adapter's where it has the setting.
public struct ClusterConfiguration: Sendable {
    /// A server that has sent nothing for so long sends a heartbeat.
    public var heartbeatInterval: Duration = .seconds(5)
    /// A server that has sent nothing for so long is taken for gone.
    public var heartbeatTimeout: Duration = .seconds(10)
    /// How long answers of other servers are waited for.
    public var requestTimeout: Duration = .seconds(5)
    /// How many requests may be under way at once.
    public var maxRequests = 1_000
    /// Where server and request ids take their random bits from.
    public var random = RandomSource.system

    /// The defaults.
    public init() {}
}
