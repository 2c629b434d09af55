import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// Long bodies of requests that are not for the Engine.IO path: who has no right to send one is told so before it has come.
@Suite("Long bodies", .timeLimit(.minutes(1)))
struct LongBodyTests {
    /// Lets in who shows anything in `Authorization`, with as much as they like, elsewhere than at `/short`.
    private final class Guard: FallbackResponder {
        let maximumBody = 1_000_000
        private let asked = Mutex<[Int]>([])

        /// With how many bytes it was asked.
        var questions: [Int] { asked.withLock { $0 } }

        func refusal(of head: HTTPRequestHead, bytes: Int) -> FallbackResponse? {
            asked.withLock { $0.append(bytes) }
            guard head.headers.contains(name: "authorization") else {
                return FallbackResponse(status: .unauthorized, body: ByteBuffer(string: "who?"))
            }
            return head.uri == "/short" && bytes > 64 << 10 ? FallbackResponse(status: .payloadTooLarge) : nil
        }

        func respond(to request: FallbackRequest) async -> FallbackResponse {
            FallbackResponse(status: .ok, body: ByteBuffer(string: "\(request.body.readableBytes)"))
        }
    }

    private func run(_ body: (Guard, EngineServer, RawConnection) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = EngineConfiguration()
        configuration.keepAliveTimeout = .seconds(60)
        let server = EngineServer(group: group, configuration: configuration, application: EchoApplication(), logger: Logger(label: "test"))
        let guardian = Guard()
        let listener = try await server.start(host: "127.0.0.1", port: 0, fallback: guardian)
        let result: Result<Void, any Error>
        do {
            let client = try await RawConnection.open(try #require(listener.address))
            result = .success(try await body(guardian, server, client))
            await client.close()
        } catch {
            result = .failure(error)
        }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    private func head(_ path: String, _ headers: String...) -> String {
        (["POST \(path) HTTP/1.1", "Host: test"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func bytes(_ count: Int) -> String { String(repeating: "a", count: count) }

    private func chunk(_ count: Int) -> String { "\(String(count, radix: 16))\r\n\(bytes(count))\r\n" }

    @Test func isRefusedBeforeTheRestHasCome() async throws {
        try await run { guardian, _, client in
            try await client.send(head("/", "Content-Length: 100000") + bytes(20_000))
            let answer = try await client.answer()
            #expect(answer.status == 401)
            #expect(answer.body == "who?")
            #expect(answer.headers["connection"] == "close")
            // What was announced counts, not only what has come.
            #expect(guardian.questions == [100_000])
        }
    }

    @Test func oneOfUnknownLengthToo() async throws {
        try await run { _, _, client in
            try await client.send(head("/", "Transfer-Encoding: chunked") + chunk(10_000) + chunk(10_000))
            #expect(try await client.answer().status == 401)
        }
    }

    @Test func whoMaySendItIsHeard() async throws {
        try await run { guardian, server, client in
            let answer = try await client.exchange("POST", "/", headers: ["Authorization: x"], body: bytes(1_000_000))
            #expect(answer.status == 200)
            #expect(answer.body == "1000000")
            // With each doubling at most: 16 KiB, 32 KiB … 512 KiB.
            #expect((1...6).contains(guardian.questions.count))
            #expect(guardian.questions.allSatisfy { $0 == 1_000_000 })
            #expect(try await client.exchange("POST", "/", body: "short").body == "5")
            #expect(await server.statistics().oversizedRequests == 0)
        }
    }

    @Test func nobodyAsksAboutShortOnes() async throws {
        try await run { guardian, _, client in
            for count in [0, 1, 16 << 10] {
                let answer = try await client.exchange("POST", "/", body: bytes(count))
                #expect(answer.body == "\(count)")
            }
            #expect(guardian.questions == [])
        }
    }

    @Test func itIsAskedAgainAsTheBodyGrows() async throws {
        try await run { guardian, server, client in
            try await client.send(head("/short", "Authorization: x", "Transfer-Encoding: chunked"))
            for _ in 0..<20 { try? await client.send(chunk(10_000)) }
            #expect(try await client.answer().status == 413)
            #expect(guardian.questions.count <= 4)
            #expect(try #require(guardian.questions.last) > 64 << 10)
            #expect(await server.statistics().oversizedRequests == 1)
        }
    }

    @Test func whoWaitsToBeToldIsToldAtOnce() async throws {
        try await run { _, _, client in
            let expecting = head("/", "Authorization: x", "Content-Length: 20000", "Expect: 100-continue")
            try await client.send(expecting)
            #expect(try await client.answer().status == 100)
            try await client.send(bytes(20_000))
            #expect(try await client.answer().body == "20000")
            try await client.send(head("/", "Content-Length: 20000", "Expect: 100-continue"))
            #expect(try await client.answer().status == 401)
        }
    }
}
