public import EngineIO
public import SocketIOCore

/// The settings of a Socket.IO server.
public struct SocketIOConfiguration: Sendable {
    /// The settings of the layer below.
    public var engine = EngineConfiguration()
    /// Time within which a client must connect to a namespace.
    public var connectTimeout: Duration = .seconds(45)

    /// Connection state recovery: `nil` for none, which costs nothing.
    public var recovery: RecoveryConfiguration?
    /// Where socket ids and private ids take their random bits from.
    public var random = RandomSource.system
    /// How packets are written, for all clients of the server.
    public var parser = SocketIOParser.json
    /// The most bytes of a packet with its attachments, for which a client may take its time: over it the connection is closed. By default there
    /// are, as in the reference server, only the bounds on each message (``EngineIO/EngineConfiguration/maxPayload``) and on their number (10).
    public var maxPacketBytes = Int.max
    /// How many events of one socket may wait while a middleware looks at an earlier one; over it the connection is closed.
    public var maxWaitingEvents = 1_000
    /// How many namespaces one client may be in at once.
    public var maxNamespacesPerConnection = 64
    /// How many dynamic namespaces there may be at once.
    public var maxDynamicNamespaces = 10_000

    /// The reference server's defaults.
    public init() {}
}
