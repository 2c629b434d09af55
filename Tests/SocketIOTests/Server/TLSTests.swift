import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SocketIO
import SocketIOClient
import SocketIOCore
import Synchronization
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    private func run(_ body: (_ port: Int, _ options: SocketIOClientOptions, SocketIOServer) async throws -> Void) async throws {
        var namespace = NamespaceDefinition()
        namespace.use { request in request.data = request.handshake?.isSecure }
        namespace.on("echo") { socket, arguments, ack in
            ack?.send(json: "\(socket.data as? Bool ?? false),\(String(buffer: arguments.joined))")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = SocketIOServer(group: group, namespaces: ["/": namespace], logger: Logger(label: "test"))
        var listening = EngineListenerOptions()
        listening.tls = try TestCertificate.makeContext()
        let listener = try await server.start(host: "127.0.0.1", port: 0, options: listening)
        let port = listener.address?.port ?? 0
        var result: Result<Void, any Error> = .success(())
        do {
            try await TestCertificate.withAuthorityFile { file in
                var options = SocketIOClientOptions()
                options.certificateAuthorityFile = file
                try await body(port, options, server)
            }
        } catch { result = .failure(error) }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test(arguments: [TransportKind.websocket, .polling], ["127.0.0.1", "localhost"])
    func bothTransportsCarryMessagesOfAnySize(_ transport: TransportKind, _ host: String) async throws {
        try await run { port, options, server in
            let client = try await SocketIOClient.connect(url: "https://\(host):\(port)", transport: transport, options: options)
            for count in [1, 1_000, 300_000] {
                let text = "\"\(String(repeating: "x", count: count))\""
                #expect(String(buffer: try await client.emitWithAck("echo", json: text, timeout: .seconds(30)).joined) == "true,\(text)")
            }
            // And what everyone gets.
            for number in 0..<100 { server.of("/").emit("news", json: "\(number)") }
            for number in 0..<100 {
                #expect(try await client.event("news", within: .seconds(30)).arguments.json(0) == ByteBuffer(string: "\(number)"))
            }
            await client.disconnect()
        }
    }

    @Test func theServersEndIsAnOrderlyOne() async throws {
        try await run { port, options, server in
            let client = try await SocketIOClient.connect(url: "wss://127.0.0.1:\(port)", options: options)
            await server.shutdown()
            #expect(await client.waitUntilClosed() == .transportClose)
        }
    }

    @Test func whoDoesNotTrustTheCertificateDoesNotConnect() async throws {
        try await run { port, _, _ in
            await #expect(throws: NIOSSLError.self) { _ = try await SocketIOClient.connect(url: "https://127.0.0.1:\(port)") }
            await #expect(throws: NIOSSLError.self) {
                _ = try await SocketIOClient.connect(url: "https://127.0.0.1:\(port)", transport: .polling)
            }
        }
    }

    @Test func plainTextIsCutOffAndTheOthersGoOn() async throws {
        try await run { port, options, _ in
            // Closed or reset, as the kernel has it.
            await #expect(throws: (any Error).self) { _ = try await SocketIOClient.connect(url: "http://127.0.0.1:\(port)") }
            let client = try await SocketIOClient.connect(url: "https://127.0.0.1:\(port)", options: options)
            #expect(String(buffer: try await client.emitWithAck("echo", json: "1", timeout: .seconds(30)).joined) == "true,1")
            await client.disconnect()
        }
    }

    @Test func authoritiesThatCannotBeReadAreSaidSo() async throws {
        var options = SocketIOClientOptions()
        options.certificateAuthorityFile = "/nowhere"
        do {
            _ = try await SocketIOClient.connect(url: "https://127.0.0.1:1", options: options)
            Issue.record("connected")
        } catch let error as SocketIOClientError {
            #expect(error.code == .invalidURL)
        }
    }
}
