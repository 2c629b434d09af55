#if canImport(Glibc)
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
                let sizes = try await connection.eventLoop.submit {
                    [blockSize(of: connection), connection.webSocket.map(blockSize) ?? 0]
                }.get()
                #expect(sizes == [120, 104])
                await client.close()
            }
        }

        @Test func whatHardlyAnyHasIsNotInEach() {
            #expect(MemoryLayout<MessageAssembler>.size == 8)
            #expect(MemoryLayout<EngineLoop.TimerHandle>.size == 8)
        }
    }
#endif
