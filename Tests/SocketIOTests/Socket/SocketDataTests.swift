import SocketIOClient
import Synchronization
import Testing

@testable import SocketIO

@Suite("Socket.data", .timeLimit(.minutes(1)))
struct SocketDataTests {
    private final class Own: SocketData, @unchecked Sendable {
        let name = "own"
    }

    private final class Other: Sendable {
        let name = "other"
    }

    @Test func anObjectOfASubclassIsKeptAsItIs() {
        let own = Own()
        let kept = SocketData.keeping(own)
        #expect(kept === own)
        #expect(kept?.value as? Own === own)
        #expect(SocketData.keeping(nil) == nil)
    }

    @Test func anyOtherValueComesBackAsItWas() {
        let other = Other()
        #expect(SocketData.keeping(other)?.value as? Other === other)
        #expect(SocketData.keeping("text")?.value as? String == "text")
        #expect(SocketData.keeping((1, 2))?.value as? (Int, Int) ?? (0, 0) == (1, 2))
        #expect(SocketData.keeping("text")?.value as? Int == nil)
    }

    @Test func whatTheMiddlewareFillsInTheSocketHas() async throws {
        try await TestServer.run { namespace, journal in
            namespace.use { request in request.data = "from the middleware" }
            namespace.onConnect { socket in
                let first = socket.data as? String
                socket.data = 7
                journal.write("\(first ?? "nothing"), then \(socket.data as? Int ?? 0)")
                socket.data = nil
                journal.write("\(socket.data == nil)")
            }
        } _: { server in
            let client = try await server.connect()
            #expect(try await server.journal.next() == "from the middleware, then 7")
            #expect(try await server.journal.next() == "true")
            await client.disconnect()
        }
    }
}
