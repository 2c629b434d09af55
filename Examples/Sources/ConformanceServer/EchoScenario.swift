import EngineIO
import EngineIOCore
import NIOCore

/// Sends back every message as it came.
final class EchoScenario: EngineApplication, EngineConnectionDelegate {
    static func start(group: any EventLoopGroup, port: Int, allowEIO3: Bool = false) async throws -> EngineListener {
        var configuration = EngineConfiguration()
        configuration.path = "/engine.io/"
        configuration.allowEIO3 = allowEIO3
        ConformanceServer.configure(&configuration)
        let server = EngineServer(
            group: group,
            configuration: configuration,
            application: EchoScenario(),
            logger: ConformanceServer.logger
        )
        return try await server.start(host: "127.0.0.1", port: port)
    }

    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate { self }

    func connectionOpened(_ connection: EngineConnection) {}

    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {
        connection.send(
            OutboundFrame(capacity: text.readableBytes + 1) {
                $0.writeInteger(UInt8(ascii: "4"))
                $0.writeImmutableBuffer(text)
            }
        )
    }

    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {
        connection.send(OutboundFrame(binary: binary))
    }

    func connectionDeadlineReached(_ connection: EngineConnection) {}

    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {}
}
