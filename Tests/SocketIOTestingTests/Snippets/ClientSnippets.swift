import EngineIO
import JSONScan
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

/// The code of the article “Talking to a server”.
@Suite("Snippets: the client", .timeLimit(.minutes(1)))
struct ClientSnippets {
    @Test func client() async throws {
        var definition = NamespaceDefinition()
        definition.on("message") { socket, arguments, ack in
            socket.emit(OutgoingEvent("echo", json: arguments.joined))
            ack?.send(json: "true")
        }
        var configuration = SocketIOConfiguration()
        configuration.recovery = RecoveryConfiguration()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = MultiThreadedEventLoopGroup.singleton
        let server = SocketIOServer(group: group, configuration: configuration, namespaces: ["/": definition], logger: logger)
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        let url = "http://127.0.0.1:\(listener.address?.port ?? 0)"
        // snippet.connect
        let client = try await SocketIOClient.connect(url: url, auth: #"{"token":"…"}"#)
        let answer = try await client.emitWithAck("message", json: #"{"text":"hi"}"#, timeout: .seconds(5))
        let echo = try await client.event("echo", within: .seconds(5))
        // snippet.end
        #expect(answer.json(0) == ByteBuffer(string: "true"))
        #expect(echo.arguments.object(0)?.string("text") == "hi")
        await client.abort()
        // snippet.again
        let recovery = await client.recovery()
        let again = try await SocketIOClient.connect(url: url, auth: #"{"token":"…"}"#, recovery: recovery)
        if !again.session.recovered { print("what happened in between is lost: ask for it") }
        await again.disconnect()
        // snippet.end
        #expect(again.session.recovered)
        await listener.close()
        await server.shutdown()
    }
}
