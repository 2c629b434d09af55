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

    /// Of the request only some headers; `nil` where it has none of them.
    func reduced(to names: [String]) -> EngineHandshake? {
        guard !names.isEmpty else { return nil }
        let kept = headers.filter { names.contains($0.name.lowercased()) }
        guard !kept.isEmpty else { return nil }
        return EngineHandshake(headers: HTTPHeaders(Array(kept)), query: EngineQuery(""), remoteAddress: remoteAddress, isSecure: isSecure)
    }
}
