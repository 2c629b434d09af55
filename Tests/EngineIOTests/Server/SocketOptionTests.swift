#if os(Linux)
    import Glibc
    import NIOCore
    import TestSupport
    import Testing

    @testable import EngineIO

    /// What the kernel says of the server's sockets.
    @Suite("Socket options")
    struct SocketOptionTests {
        @Test func theKernelHoldsNoMoreUnsentBytesThanItIsTold() async throws {
            try await EchoServer.run {
                $0.maxUnsentBytes = 77_000
            } _: { server in
                let client = try await server.webSocket()
                let connection = try #require(try await server.connections().first)
                let descriptor = try #require(
                    try await connection.eventLoop.submit { connection.webSocket?.directDescriptor }.get()
                )
                #expect(unsentBytes(descriptor) == 77_000)
                withExtendedLifetime(client) {}
            }
        }

        @Test func soManyConnectionsMayWaitToBeAccepted() async throws {
            try await EchoServer.run {
                $0.backlog = 17
            } _: { server in
                let listener = try #require(server.listener.channel as? any SocketOptionProvider)
                let info: tcp_info = try await listener.unsafeGetSocketOption(level: .tcp, name: .init(rawValue: TCP_INFO)).get()
                // Of a socket that listens, Linux tells the length of its queue here.
                #expect(info.tcpi_sacked == 17)
            }
        }

        private func unsentBytes(_ descriptor: CInt) -> Int32? {
            var value = Int32(0)
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &value, &size) == 0 ? value : nil
        }
    }
#endif
