#if canImport(Glibc)
    import SocketIOClient
    import Synchronization
    import TestSupport
    import Testing

    @testable import SocketIO

    /// What each client costs, whatever it does: a member more, or one in the wrong order, is seen here.
    @Suite("Socket: size", .timeLimit(.minutes(1)))
    struct ObjectSizeTests {
        @Test func aClientIsTwoBlocks() async throws {
            let sizes = Mutex<[Int]>([])
            try await TestServer.run { namespace, _ in
                namespace.onConnect { socket in sizes.withLock { $0 = [blockSize(of: socket), blockSize(of: socket.client)] } }
                namespace.on("ping") { _, _, ack in ack?.send(json: "") }
            } _: { server in
                let client = try await server.connect()
                _ = try await client.ask("ping", "{}")
                #expect(sizes.withLock { $0 } == [152, 88])
                await client.disconnect()
            }
        }
    }
#endif
