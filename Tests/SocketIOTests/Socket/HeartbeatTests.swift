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
            for _ in 0..<2 {
                for event in ["pingSent", "pingAnswered"] {
                    #expect(try await server.journal.next() == "\(event) of \(client.session.id)")
                }
            }
            await client.disconnect()
        }
    }
}
