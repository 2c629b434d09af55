import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOPosix
import SocketIOClient
import Testing

// snippet.application
/// Sends back every message in capitals.
final class Shouting: EngineApplication, EngineConnectionDelegate {
    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate { self }

    func connectionOpened(_ connection: EngineConnection) {}

    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {
        let answer = String(buffer: text).uppercased()
        // 4 is the type of a message; the frame is encoded once for however many connections.
        connection.send(OutboundFrame(capacity: answer.utf8.count + 1) { $0.writeString("4" + answer) })
    }

    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {
        connection.send(OutboundFrame(binary: binary))
    }

    func connectionDeadlineReached(_ connection: EngineConnection) {}

    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {}
}
// snippet.end

/// The code of the article “A protocol of one's own”.
@Suite("Snippets: Engine.IO", .timeLimit(.minutes(1)))
struct EngineSnippets {
    @Test func engine() async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        // snippet.start
        var configuration = EngineConfiguration()
        configuration.path = "/shout/"
        configuration.maxPayload = 100_000
        let server = EngineServer(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: configuration,
            application: Shouting(),
            logger: logger
        )
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        // snippet.end
        let port = listener.address?.port ?? 0
        let client = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(port)/shout/?EIO=4&transport=websocket")
        #expect(try await client.receiveText().hasPrefix("0{"))
        try await client.send(text: "4hello")
        #expect(try await client.receiveText() == "4HELLO")
        await client.abort()
        await listener.close()
        await server.shutdown()
    }
}
