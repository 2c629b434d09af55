@_spi(Conformance) import EngineIO
import NIOCore

/// A plain WebSocket echo at `/`, on the WebSocket stack of every session: what the Autobahn test suite measures.
enum AutobahnScenario {
    static func start(group: any EventLoopGroup, port: Int) async throws -> EngineListener {
        var configuration = EngineConfiguration()
        configuration.path = "/"
        configuration.echoesWebSockets = true
        configuration.perMessageDeflate = PerMessageDeflate()
        // Everything that can be: the suite's messages of 16 bytes too.
        configuration.perMessageDeflate?.threshold = 0
        // The suite's largest messages are 16 MiB.
        configuration.maxPayload = 16 << 20
        let server = EngineServer(
            group: group,
            configuration: configuration,
            application: EchoScenario(),
            logger: ConformanceServer.logger
        )
        return try await server.start(host: "127.0.0.1", port: port)
    }
}
