import JSONScan
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("Drain of the gateway", .timeLimit(.minutes(1)))
struct GatewayDrainTests {
    @Test func everyClientIsToldWhenItsConnectionEndsAndItsSessionIsSaved() async throws {
        try await TestGateway.run { gateway in
            var clients: [SocketIOClient] = []
            for _ in 0..<8 { clients.append(try await gateway.connect()) }
            let draining = Task { await gateway.server.drain(over: .milliseconds(800)) }
            var delays: Set<Int64> = []
            for client in clients {
                let notice = try await client.next("server_draining")
                delays.insert(try #require(notice.integer("reconnectAfter")))
            }
            #expect(try await gateway.get("/ready").status == 503)
            #expect(try await gateway.get("/health").status == 200)
            #expect(delays.count > 1)
            #expect(delays.allSatisfy { (0..<800).contains($0) })
            await #expect(throws: SocketIOClientError.self) { _ = try await SocketIOClient.connect(url: gateway.url) }
            await draining.value
            // Closed without a DISCONNECT: a stock client reconnects.
            for client in clients { #expect(try await client.end() == .transportClose) }
            #expect(try await gateway.metric("moonx_recovery_sessions_saved_total") == 8)
            #expect(try await gateway.metric(#"moonx_sessions_closed_total{reason="server shutting down"}"#) == 8)
            #expect(try await gateway.metric("moonx_sessions_refused_draining_total") == 1)
        }
    }

    @Test func withoutClientsThereIsNothingToWaitFor() async throws {
        try await TestGateway.run { gateway in await gateway.server.drain(over: .seconds(3600)) }
    }
}
