public import SocketIOCore

/// Why a client does not get into a namespace, before any middleware is asked.
public enum NamespaceRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// There is no namespace of that name, and no family takes it.
    case unknown
    /// There are as many dynamic namespaces as ``SocketIOConfiguration/maxDynamicNamespaces`` permits.
    case tooManyDynamicNamespaces
    /// The client is in as many as ``SocketIOConfiguration/maxNamespacesPerConnection`` permits.
    case tooManyNamespacesOfConnection

    /// What the client is told: the reference server's text, where it has one.
    var message: String {
        switch self {
        case .unknown, .tooManyDynamicNamespaces: "Invalid namespace"
        case .tooManyNamespacesOfConnection: "Too many namespaces"
        }
    }
}

/// What a Socket.IO server has counted since its start, above what the transports count (``SocketIOServer/statistics()``).
public struct SocketIOStatistics: Sendable {
    /// CONNECT packets refused without asking a middleware.
    public var refusedNamespaces: [NamespaceRefusal: Int] = [:]
    /// Packets that could not be read or broke a limit; each ended its connection.
    public var badPackets: [SocketPacketError: Int] = [:]

    /// Nothing counted yet.
    public init() {}
}
