import SocketIOClient
import TestSupport
import Testing

@testable import SocketIO

/// What each client costs, whatever it does: a member more, or one in the wrong order, is seen here.
@Suite("Socket: size", .timeLimit(.minutes(1)))
struct ObjectSizeTests {
    @Test func aClientIsTwoBlocks() async throws {
        try await TestServer.run { namespace, journal in
            namespace.onConnect { socket in
                journal.write(instanceSize(of: socket) <= 152 ? "lean" : "\(instanceSize(of: socket))")
                journal.write(instanceSize(of: socket.client) <= 88 ? "lean" : "\(instanceSize(of: socket.client))")
            }
        } _: { server in
            let client = try await server.connect()
            #expect(try await server.journal.next() == "lean")
            #expect(try await server.journal.next() == "lean")
            await client.disconnect()
        }
    }
}
