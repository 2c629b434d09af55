public import EngineIOCore

/// The other servers of a cluster, known by what they send (socket.io-adapter, `ClusterAdapterWithHeartbeat`). Times come from the caller.
public struct ClusterMembers: Sendable {
    private var lastSeen: [String: MonotonicInstant] = [:]
    private let timeout: Duration

    /// Nobody known; who is silent for `timeout` is taken for gone.
    public init(timeout: Duration) {
        self.timeout = timeout
    }

    /// Their ids.
    public var names: Set<String> { Set(lastSeen.keys) }

    /// How many there are.
    public var count: Int { lastSeen.count }

    /// A server has sent something.
    public mutating func seen(_ server: String, now: MonotonicInstant) {
        lastSeen[server] = now
    }

    /// A server has said that it ends.
    public mutating func remove(_ server: String) {
        lastSeen[server] = nil
    }

    /// Takes out those that have been silent too long, and names them.
    public mutating func expire(now: MonotonicInstant) -> [String] {
        let gone = lastSeen.filter { now > $0.value + timeout }.keys.sorted()
        for server in gone { lastSeen[server] = nil }
        return gone
    }
}
