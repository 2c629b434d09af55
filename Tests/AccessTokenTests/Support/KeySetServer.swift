import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization

@testable import AccessToken

/// A real HTTP server on a free port with a key set at `/jwks.json`, which the test changes, breaks or holds back.
final class KeySetServer: Sendable {
    enum Behaviour: Sendable {
        case answer(HTTPResponse.Status, String)
        case redirect(to: String)
        /// Takes the request and says nothing until the test is over.
        case silence
        /// Begins to answer, and goes on for as long as the test does.
        case stall
        /// Sends spaces until nobody listens any more.
        case flood
    }

    private let behaviour = Mutex(Behaviour.answer(.ok, ""))
    private let requestCount = Mutex(0)
    private let isOver = Mutex(false)

    var requests: Int { requestCount.withLock { $0 } }

    func behave(_ behaviour: Behaviour) {
        self.behaviour.withLock { $0 = behaviour }
    }

    func serve(_ keys: TokenKeys...) throws {
        behave(.answer(.ok, try Self.document(of: keys)))
    }

    /// One document with the keys of several sets.
    static func document(of keys: [TokenKeys]) throws -> String {
        let sets = try keys.map { try JSONDecoder().decode(JSONWebKey.Set.self, from: $0.publicJWKS) }
        return String(decoding: try JSONEncoder().encode(JSONWebKey.Set(keys: sets.flatMap(\.keys))), as: UTF8.self)
    }

    /// Runs the server while the test has its way with it.
    static func run(_ body: @escaping @Sendable (KeySetServer, URL) async throws -> Void) async throws {
        let server = KeySetServer()
        let router = Router()
        router.get("/jwks.json") { _, _ in await server.respond() }
        let application = Application(router: router, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await application.test(.live) { client in
            defer { server.isOver.withLock { $0 = true } }
            try await body(server, URL(string: "http://127.0.0.1:\(client.port ?? 0)/jwks.json")!)
        }
    }

    private func respond() async -> Response {
        requestCount.withLock { $0 += 1 }
        switch behaviour.withLock({ $0 }) {
        case .answer(let status, let text):
            return Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        case .redirect(let location):
            return Response(status: .found, headers: [.location: location])
        case .silence:
            while !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(10)) }
            return Response(status: .ok)
        case .stall:
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    while !self.isOver.withLock({ $0 }) {
                        try await writer.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    try await writer.finish(nil)
                }
            )
        case .flood:
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    let spaces = ByteBuffer(repeating: UInt8(ascii: " "), count: 64 << 10)
                    for _ in 0..<10_000 { try await writer.write(spaces) }
                    try await writer.finish(nil)
                }
            )
        }
    }
}
