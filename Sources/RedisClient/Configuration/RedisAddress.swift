/// Where a Redis server listens.
public struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address; of IPv6 without brackets.
    public var host: String
    /// The TCP port.
    public var port: Int

    /// An address.
    public init(host: String, port: Int = 6379) {
        self.host = host
        self.port = port
    }

    /// `host:port`, with brackets around an IPv6 address.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
