import AccessToken
import Foundation
import GatewayDomain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Store
import Synchronization

@testable import AuthService

/// A clock that moves when it is told to; both kinds of time come from it.
final class ManualClock: Sendable {
    private let time = Mutex(1_800_000_000.0)

    var now: Date { Date(timeIntervalSince1970: time.withLock { $0 }) }
    var uptime: Duration { .seconds(time.withLock { $0 }) }

    func advance(by seconds: Double) {
        time.withLock { $0 += seconds }
    }
}

/// What was revoked, in order.
final class RevocationLog: Sendable {
    struct Unreachable: Error {}

    private let entries = Mutex<[Revocation]>([])
    private let isReachable = Mutex(true)

    var all: [Revocation] { entries.withLock { $0 } }

    /// From now on nobody hears of a revocation.
    func cut() { isReachable.withLock { $0 = false } }

    func add(_ revocation: Revocation) throws {
        guard isReachable.withLock({ $0 }) else { throw Unreachable() }
        entries.withLock { $0.append(revocation) }
    }
}

/// The auth service on a folder of its own, with a manual clock. Requests come from the address in `X-Test-Address`.
final class AuthFixture: Sendable {
    static let serviceToken = "service-token-of-the-tests"

    let directory: URL
    let clock = ManualClock()
    let revoked = RevocationLog()
    let parts: AuthParts

    init(_ change: (inout AuthConfiguration) throws -> Void = { _ in }) async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString)")
        var configuration = AuthConfiguration()
        configuration.isDevelopment = true
        configuration.serviceToken = try ServiceToken(Self.serviceToken)
        try change(&configuration)
        parts = try await Self.parts(in: directory, configuration, clock: clock, revoked: revoked)
    }

    deinit {
        try? parts.store.close()
        try? FileManager.default.removeItem(at: directory)
    }

    /// The same service started once more on the same folder.
    func restarted() async throws -> AuthParts {
        try await Self.parts(in: directory, parts.configuration, clock: clock, revoked: revoked)
    }

    private static func parts(
        in directory: URL,
        _ configuration: AuthConfiguration,
        clock: ManualClock,
        revoked: RevocationLog
    ) async throws -> AuthParts {
        try await AuthParts(
            dataDirectory: directory,
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { clock.now },
            uptime: { clock.uptime },
            onRevocation: { try revoked.add($0) }
        )
    }

    /// Runs requests against the service.
    func run(_ body: @escaping @Sendable (AuthClient) async throws -> Void) async throws {
        let application = AuthApplication.make(
            parts: parts,
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clientAddress: { headers, _ in headers[AuthClient.addressField] }
        )
        try await application.test(.router) { client in try await body(AuthClient(client: client)) }
    }
}

/// An answer, with its JSON taken apart.
struct Answer {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var json: [String: Any]

    subscript(name: String) -> String? { json[name] as? String }

    var errorCode: String? { (json["error"] as? [String: Any])?["code"] as? String }
    var errorMessage: String? { (json["error"] as? [String: Any])?["message"] as? String }
    var userID: String? { (json["user"] as? [String: Any])?["id"] as? String }
}

/// Speaks to the service as a web page would.
struct AuthClient: Sendable {
    static let addressField = HTTPField.Name("X-Test-Address")!

    let client: any TestClientProtocol

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        bearer: String? = nil,
        body: String? = nil,
        from address: String = "192.0.2.1",
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        headers[Self.addressField] = address
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        return try await client.execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
            response in
            let object = try? JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
            return Answer(status: response.status, headers: response.headers, json: object as? [String: Any] ?? [:])
        }
    }

    func post(_ path: String, bearer: String? = nil, _ body: String? = nil, from address: String = "192.0.2.1") async throws -> Answer {
        try await send(.post, "/api/v1/auth/\(path)", bearer: bearer, body: body, from: address)
    }

    func get(_ path: String, bearer: String? = nil) async throws -> Answer {
        try await send(.get, "/api/v1/auth/\(path)", bearer: bearer)
    }

    func privyToken(_ name: String = "alice") async throws -> String {
        try await post("development/privy-token", #"{"user":"\#(name)"}"#)["privyToken"] ?? ""
    }

    func login(_ name: String = "alice", rotation: Bool = false) async throws -> Answer {
        try await post("login", #"{"privyToken":"\#(try await privyToken(name))","rotation":\#(rotation)}"#)
    }
}
