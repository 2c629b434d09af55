import EngineIOCore
import NIOCore
import NIOHTTP1

/// Who may use the server: what the application says.
extension HTTPRequestHandler {
    /// Opens a session if the application lets it in.
    func admit(_ exchange: HTTPExchange, query: EngineQuery, _ transport: TransportKind) throws(EngineRequestError) {
        guard let allowRequest = loop.configuration.allowRequest else { return try open(exchange, query: query, transport) }
        // A hook that never decides must not keep the connection.
        setTimer(loop.configuration.handshakeTimeout)
        let handshake = handshake(exchange, query: query)
        let eventLoop = loop.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        Task {
            let admission = await allowRequest(handshake)
            eventLoop.execute { handler.value.decided(admission, query: query, transport) }
        }
    }

    private func open(_ exchange: HTTPExchange, query: EngineQuery, _ transport: TransportKind) throws(EngineRequestError) {
        switch transport {
        case .polling: openPolling(exchange, query: query)
        case .websocket: try upgrade(exchange, query: query, to: nil)
        }
    }

    private func decided(_ admission: EngineAdmission, query: EngineQuery, _ transport: TransportKind) {
        // Otherwise the connection has ended while the application was deciding.
        guard case .answering(let exchange) = state else { return }
        setTimer(nil)
        do {
            switch admission {
            case .allow where loop.isDraining: refuseDraining(exchange)
            case .allow: try open(exchange, query: query, transport)
            case .refuse(let message): refuse(.forbidden, message: message, isUpgrade: transport == .websocket)
            }
        } catch {
            refuse(error, isUpgrade: transport == .websocket)
        }
    }
}
