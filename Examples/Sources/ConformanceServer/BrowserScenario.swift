import EngineIO
import JSONScan
import NIOCore
import SocketIO
import SocketIOCore

/// What the tests of the stock clients need: echoes, acks both ways, rooms, namespaces, refusals, recovery.
enum BrowserScenario {
    static func start(group: any EventLoopGroup, port: Int, recovers: Bool) async throws -> EngineListener {
        var root = definition()
        root.use { request in
            guard request.auth?.string("token") != "bad" else {
                throw ConnectError(message: "401 who are you", data: "{\"code\":\"AUTH_FAILED\"}")
            }
            request.data = request.auth?.string("name") ?? "nobody"
        }
        // A saved session goes to whom it belongs, and to nobody else.
        root.onSave { $0.data }
        root.onRestore { session, request in
            guard session.data as? String == request.data as? String else { return nil }
            return RestoredState(session)
        }
        var configuration = SocketIOConfiguration()
        configuration.engine.cors = .any
        // An echo of the largest payload goes out twice, as event and as ack.
        configuration.engine.maxQueuedBytes = 8 << 20
        if recovers { configuration.recovery = RecoveryConfiguration() }
        let server = SocketIOServer(
            group: group,
            configuration: configuration,
            namespaces: ["/": root, "/chat": definition()],
            dynamicNamespaces: [DynamicNamespace(definition()) { $0.hasPrefix("/room-") }],
            logger: ConformanceServer.logger
        )
        return try await server.start(host: "127.0.0.1", port: port)
    }

    private static func definition() -> NamespaceDefinition {
        var definition = NamespaceDefinition()
        definition.onConnect { socket in
            socket.emit("welcome", json: "{\"name\":\(JSONString.literal(socket.data as? String ?? "")),\"recovered\":\(socket.recovered)}")
        }
        definition.on("echo") { socket, arguments, ack in
            socket.emit(
                OutgoingEvent("echo", json: arguments.joined, attachments: arguments.attachments, namespace: socket.namespace)
            )
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
        }
        definition.on("silence") { _, _, _ in }
        definition.on("ask me") { socket, _, ack in
            Task {
                let answer = try await socket.emitWithAck("question", json: ByteBuffer(string: "{\"sum\":[1,2]}"), timeout: .seconds(30))
                ack?.send(json: answer.joined, attachments: answer.attachments)
            }
        }
        // Asks within so many milliseconds, and tells the client and all others what came of it.
        definition.on("ask within", as: Int.self) { socket, milliseconds, _ in
            let others = socket.broadcast
            Task {
                let outcome: String
                do {
                    let answer = try await socket.emitWithAck("question", json: ByteBuffer(), timeout: .milliseconds(milliseconds))
                    outcome = "answered \(answer.count)"
                } catch {
                    outcome = "\(error)"
                }
                let json = "{\"id\":\"\(socket.id)\",\"outcome\":\(JSONString.literal(outcome))}"
                socket.emit("outcome", json: json)
                others.emit("outcome", json: json)
            }
        }
        definition.on("volatile") { socket, arguments, ack in
            socket.emitVolatile(OutgoingEvent("volatile", json: arguments.joined, namespace: socket.namespace))
            socket.broadcast.volatile.emit(OutgoingEvent("volatile", json: arguments.joined, namespace: socket.namespace))
            ack?.send(json: "true")
        }
        definition.on("join") { socket, arguments, ack in
            guard let room = arguments.string(0) else { return }
            socket.join(room)
            ack?.send(json: "true")
        }
        // Rooms, then what to say in them: who is in several of them hears it once.
        definition.on("say") { socket, arguments, ack in
            guard let json = arguments.json(0), let rooms = try? JSONObject(Array(json.readableBytesView)).strings("rooms"),
                let text = arguments.json(1)
            else { return }
            socket.broadcast.to(rooms).emit(OutgoingEvent("said", json: text, namespace: socket.namespace))
            ack?.send(json: "true")
        }
        definition.on("cut") { socket, _, _ in socket.closeTransport() }
        definition.on("leave") { socket, _, _ in socket.disconnect() }
        return definition
    }
}
