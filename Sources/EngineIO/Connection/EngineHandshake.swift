public import EngineIOCore
public import NIOCore
public import NIOHTTP1

/// The request that opened a session.
public struct EngineHandshake: Sendable {
    /// Its headers.
    public let headers: HTTPHeaders
    /// Its query, decoded.
    public let query: EngineQuery
    /// The address it came from, as the socket or the PROXY protocol says; behind another proxy that is the proxy's.
    public let remoteAddress: SocketAddress?
    /// Whether it came over TLS.
    public let isSecure: Bool

    /// The facts of one request.
    public init(headers: HTTPHeaders, query: EngineQuery, remoteAddress: SocketAddress?, isSecure: Bool) {
        self.headers = headers
        self.query = query
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
    }
}
