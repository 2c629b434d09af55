import EngineIO
import SocketIO
import SocketIOClient
import Testing

@Suite("The heartbeat as a namespace sees it", .timeLimit(.minutes(1)))
struct HeartbeatTests {
    @Test func pingsAndTheirAnswersAreToldInOrder() async throws {
        try await TestServer.run {
            $0.engine.pingInterval = .milliseconds(40)
        } _: { namespace, journal in
            namespace.onHeartbeat { socket, event in journal.write("\(event) of \(socket.id)") }
        } _: { server in
            let client = try await server.connect()
            var events: [String] = []
            for _ in 0..<5 { events.append(try await server.journal.next()) }
            // The first may answer a ping from before the client was in the namespace.
            if events.first == "pingAnswered of \(client.session.id)" { events.removeFirst() }
            #expect(events.prefix(4) == (0..<4).map { "\($0 % 2 == 0 ? "pingSent" : "pingAnswered") of \(client.session.id)" }[...])
            await client.disconnect()
        }
    }
}
