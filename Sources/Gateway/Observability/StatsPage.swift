import EngineIO
import SocketIO

/// `GET /stats`: what the node holds right now, as JSON, for scripts that do not read Prometheus text.
struct StatsPage: Sendable {
    let server: SocketIOServer
    let router: EventRouter
    let connections: ConnectionLimiter
    let readiness: Readiness

    func render() async -> String {
        let engine = await server.statistics()
        let routing = await router.currentStatistics()
        return """
            {"version":"\(GatewayVersion.current)","ready":\(readiness.isReady),\
            "sessions":{"polling":\(engine.openPolling),"websocket":\(engine.openWebSocket)},\
            "connections":\(connections.total),"rooms":{"tracked":\(routing.rooms),"withMembers":\(routing.roomsWithMembers)},\
            "eventsPublished":\(routing.published.total),"framesSent":\(engine.framesSent),\
            "bytesSent":\(engine.bytesSent),"queuedBytes":\(engine.queuedBytes)}
            """
    }
}
