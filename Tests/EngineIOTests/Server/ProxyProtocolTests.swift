import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@Suite("PROXY protocol", .timeLimit(.minutes(1)))
struct ProxyProtocolTests {
    /// Says from where it takes a request to come.
    private struct AddressResponder: FallbackResponder {
        let maximumBody = 0

        func respond(to request: FallbackRequest) async -> FallbackResponse {
            FallbackResponse(status: .ok, body: ByteBuffer(string: request.remoteAddress?.ipAddress ?? "none"))
        }
    }

    private func run(trusts: Bool, _ body: (SocketAddress, EngineServer) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = EngineServer(group: group, application: EchoApplication(), logger: Logger(label: "test"))
        var options = EngineListenerOptions()
        options.expectsProxyHeader = { _ in trusts }
        let listener = try await server.start(host: "127.0.0.1", port: 0, fallback: AddressResponder(), options: options)
        let result: Result<Void, any Error>
        do { result = .success(try await body(try #require(listener.address), server)) } catch { result = .failure(error) }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    private let header = ByteBuffer(
        bytes: [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12]
            + [192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x67, 0x0B, 0xC3]
    )

    @Test func theClientsAddressIsTheOneThatTheProxySays() async throws {
        try await run(trusts: true) { address, _ in
            let connection = try await RawConnection.open(address)
            try await connection.send(header)
            #expect(try await connection.exchange("GET", "/").body == "192.0.2.1")
            // For the whole connection.
            #expect(try await connection.exchange("GET", "/again").body == "192.0.2.1")
        }
    }

    @Test func headerAndRequestMayComeTogetherOrByteByByte() async throws {
        try await run(trusts: true) { address, _ in
            let line = "PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
            let together = try await RawConnection.open(address)
            try await together.send(line)
            #expect(try await together.answer().body == "2001:db8::1")
            let slow = try await RawConnection.open(address)
            for byte in line.utf8 { try await slow.send(ByteBuffer(bytes: [byte])) }
            #expect(try await slow.answer().body == "2001:db8::1")
        }
    }

    @Test func aProxyThatSpeaksForItselfHasItsOwnAddress() async throws {
        try await run(trusts: true) { address, _ in
            let connection = try await RawConnection.open(address)
            try await connection.send("PROXY UNKNOWN\r\n")
            #expect(try await connection.exchange("GET", "/").body == "127.0.0.1")
        }
    }

    @Test func withoutASoundHeaderATrustedProxyIsCutOffAndCounted() async throws {
        try await run(trusts: true) { address, server in
            for text in ["GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4 a 1 2\r\n"] {
                let connection = try await RawConnection.open(address)
                try await connection.send(text)
                await #expect(throws: WaitError.self) { _ = try await connection.answer() }
            }
            #expect(await server.statistics().refusedProxyHeaders == 2)
        }
    }

    @Test func othersAreNotBelieved() async throws {
        try await run(trusts: false) { address, _ in
            let plain = try await RawConnection.open(address)
            #expect(try await plain.exchange("GET", "/").body == "127.0.0.1")
            let liar = try await RawConnection.open(address)
            try await liar.send("PROXY TCP4 192.0.2.1 198.51.100.7 4711 443\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await liar.answer().status == 400)
        }
    }
}
