import NIOCore
import SocketIOClient
import Testing

@testable import Gateway

@Suite("WebSocket metrics", .timeLimit(.minutes(1)))
struct WebSocketMetricsTests {
    @Test func aMessageOverTheBoundIsCountedByItsCloseCode() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.metric(#"moonx_websocket_failures_total{code="1009"}"#) == 0)
            let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket")
            _ = try await socket.receiveText(within: .seconds(30))
            try? await socket.send(text: String(repeating: "4", count: 1_000_001))
            // The close frame, or the end where the rest of the message met a closed door.
            while try await socket.receive(within: .seconds(30)) != nil {}
            #expect(try await gateway.metric(#"moonx_websocket_failures_total{code="1009"}"#) == 1)
            await socket.abort()
        }
    }
}
