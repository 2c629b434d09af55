import EngineIOCore
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

/// What each connection costs, whatever it does: a member more, or one in the wrong order, is seen here.
@Suite("EngineConnection: size", .timeLimit(.minutes(1)))
struct ObjectSizeTests {
    @Test func aSessionByWebSocketIsTwoSmallBlocks() async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            let connection = try #require(try await server.connections().first)
            let (session, webSocket) = try await connection.eventLoop.submit {
                (instanceSize(of: connection), connection.webSocket.map(instanceSize))
            }.get()
            #expect(session <= 120)
            #expect(try #require(webSocket) <= 104)
            await client.close()
        }
    }

    @Test func whatHardlyAnyHasIsNotInEach() {
        #expect(MemoryLayout<MessageAssembler>.size == 8)
        #expect(MemoryLayout<EngineLoop.TimerHandle>.size == 8)
    }
}
