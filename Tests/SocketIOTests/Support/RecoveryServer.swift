import EngineIO
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore

extension TestServer {
    /// Runs `body` with a server that recovers connection state, and whose clients join rooms by `join`.
    static func runRecovering(
        _ configure: @escaping (inout RecoveryConfiguration) -> Void = { _ in },
        namespaces: [String] = ["/"],
        maxQueuedBytes: Int = EngineConfiguration().maxQueuedBytes,
        _ define: (inout NamespaceDefinition, Journal) -> Void = { _, _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(namespaces: namespaces) { configuration in
            var recovery = RecoveryConfiguration()
            configure(&recovery)
            configuration.recovery = recovery
            configuration.engine.maxQueuedBytes = maxQueuedBytes
        } _: { namespace, journal in
            namespace.on("join") { socket, arguments, ack in
                ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)")
            }
            namespace.on("leave") { socket, arguments, ack in
                ack?.send(json: "\(arguments.string(0).map { socket.leave($0) } ?? false)")
            }
            namespace.on("rooms") { socket, _, ack in ack?.send(json: "\(socket.rooms.sorted())") }
            namespace.onConnect { socket in journal.write("connected, recovered: \(socket.recovered)") }
            namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
            define(&namespace, journal)
        } _: {
            try await body($0)
        }
    }

    /// Breaks the client's connection off and waits until the server knows; what asks for its session.
    func lose(_ client: SocketIOClient) async throws -> SocketIORecovery {
        let recovery = await client.recovery()
        await client.abort()
        while true {
            let line = try await journal.next()
            if line.hasPrefix("transport") { break }
        }
        return recovery ?? SocketIORecovery(pid: "", offset: nil)
    }

    /// What the server counted in refusing sessions.
    var refusals: [RecoveryStatistics.Refusal: Int] { server.recoveryStatistics()?.refusals ?? [:] }
}

extension SocketIOEvent {
    /// The offset at its end, if it has one.
    var offset: RecoveryOffset? { arguments.string(arguments.count - 1).flatMap { RecoveryOffset($0) } }

    /// Name and first argument.
    var line: String { "\(name) \(arguments.json(0).map { String(buffer: $0) } ?? "")" }
}

extension SocketIOClient {
    /// Name and first argument of the next event; and that it has an offset.
    func nextRecoverable() async throws -> String {
        let event = try await event(nil, within: .seconds(30))
        return event.offset == nil ? "no offset: \(event.line)" : event.line
    }

    /// Name and first argument of all events before `name`.
    func lines(before name: String) async throws -> [String] {
        var lines: [String] = []
        while true {
            let event = try await event(nil, within: .seconds(30))
            if event.name == name { return lines }
            lines.append(event.line)
        }
    }
}
