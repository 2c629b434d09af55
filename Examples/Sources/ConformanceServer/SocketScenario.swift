import EngineIO
import JSONScan
import NIOCore
import SocketIO
import SocketIOCore

/// Tells each client the `auth` it came with; in `/` it also sends back events and answers them with their arguments.
enum SocketScenario {
    static func start(group: any EventLoopGroup, port: Int) async throws -> EngineListener {
        var custom = NamespaceDefinition()
        custom.use { $0.data = $0.auth }
        custom.onConnect { socket in
            let auth = socket.data as? JSONObject
            socket.emit("auth", json: auth.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "{}")
        }
        var root = custom
        root.on("message") { socket, arguments, _ in
            socket.emit(OutgoingEvent("message-back", json: arguments.joined, attachments: arguments.attachments))
        }
        root.on("message-with-ack") { _, arguments, ack in
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
        }
        var configuration = SocketIOConfiguration()
        configuration.connectTimeout = .seconds(1)
        ConformanceServer.configure(&configuration.engine)
        let server = SocketIOServer(
            group: group,
            configuration: configuration,
            namespaces: ["/": root, "/custom": custom],
            logger: ConformanceServer.logger
        )
        return try await server.start(host: "127.0.0.1", port: port)
    }
}
