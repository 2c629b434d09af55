public import Hummingbird
public import NIOCore

/// What a route knows of its request's connection.
public struct GatewayRequestContext: RequestContext {
    /// Hummingbird's own.
    public var coreContext: CoreRequestContextStorage
    /// The address at the other end of the connection, which may be a proxy's; where that speaks the PROXY protocol, the client's.
    public internal(set) var peer: SocketAddress?
    /// The longest body that is read, in bytes.
    public var maxUploadSize: Int { 4 << 20 }

    /// Made by Hummingbird for each request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }
}
