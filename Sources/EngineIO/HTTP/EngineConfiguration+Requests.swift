import EngineIOCore
import NIOHTTP1

/// What the settings say to a request on the Engine.IO path, whichever handler has read it.
extension EngineConfiguration {
    /// What the request asks for.
    func request(_ head: HTTPRequestHead, query: EngineQuery) throws(EngineRequestError) -> EngineRequest {
        let request = try EngineRequest(
            method: head.method.rawValue,
            query: query,
            isWebSocketUpgrade: WebSocketUpgrade.isRequested(head.headers),
            transports: transports,
            allowsRevision3: allowEIO3
        )
        try checkOrigin(head.headers)
        return request
    }

    private func checkOrigin(_ headers: HTTPHeaders) throws(EngineRequestError) {
        guard let origin = headers.first(name: "origin") else { return }
        guard HeaderText.isValue(origin) else { throw .badRequest }
        if let allowedOrigins, !allowedOrigins.allows(origin) { throw .forbidden }
    }

    /// With what a WebSocket is opened; `isHandshake` where its session is new.
    func acceptance(of head: HTTPRequestHead, isHandshake: Bool) throws(EngineRequestError) -> WebSocketAcceptance {
        guard var acceptance = WebSocketAcceptance(head.headers, deflate: perMessageDeflate) else { throw .badRequest }
        if isHandshake { initialHeaders?(head, &acceptance.headers) }
        headers?(head, &acceptance.headers)
        return acceptance
    }
}
