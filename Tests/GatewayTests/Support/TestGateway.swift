import AccessToken
import AsyncHTTPClient
import EngineIO
import Foundation
import GatewayDomain
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import SocketIOClient

@testable import Gateway

/// The real gateway on two event loops and a loopback port, with a key pair of its own, for the time of one test.
struct TestGateway: Sendable {
    static let alice = "alice-0001"
    static let bob = "bob-000002"
    static let serviceToken = "a service token of the tests"

    let server: GatewayServer
    let listener: EngineListener
    let issuer: AccessTokenIssuer
    let port: Int
    /// The loops; the router lives on the first.
    let group: any EventLoopGroup

    var url: String { "http://127.0.0.1:\(port)" }

    static func run(
        _ configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        keys source: (TokenKeys) -> any TokenKeySource = { $0 },
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false },
        beforeStart: (GatewayServer) async throws -> Void = { _ in },
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "gateway-tests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let keys = try await TokenKeys.keyPair(file: directory.appending(path: "key.pem"))
        var configuration = GatewayConfiguration()
        configuration.engine.keepAliveTimeout = .seconds(60)
        configuration.router.subscriptionTimeout = .seconds(60)
        configuration.router.feedTimeout = .seconds(3600)
        configuration.serviceToken = try ServiceToken(serviceToken)
        try configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = GatewayServer(
            configuration: configuration,
            verifier: AccessTokenVerifier(
                keys: source(keys),
                rules: AccessTokenRules(issuer: "tests", audience: "gateway"),
                isRevoked: isRevoked
            ),
            group: group,
            logger: Logger(label: "test")
        )
        try await beforeStart(server)
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        let gateway = TestGateway(
            server: server,
            listener: listener,
            issuer: try AccessTokenIssuer(keys: keys, issuer: "tests", audience: "gateway"),
            port: listener.address?.port ?? 0,
            group: group
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body(gateway)) } catch { result = .failure(error) }
        await server.shutdown(listener)
        try await group.shutdownGracefully()
        try result.get()
    }

    // MARK: Clients

    /// Of clients on a machine whose processes stand still for seconds.
    static let patience: SocketIOClientOptions = {
        var options = SocketIOClientOptions()
        options.connectTimeout = .seconds(30)
        return options
    }()

    func token(_ user: String, groups: [String] = [], lifetime: Duration = .seconds(900)) async throws -> String {
        guard let userID = UserID(user) else { throw NotAUser() }
        return try await issuer.issue(userID: userID, groups: groups, lifetime: lifetime).token
    }

    /// A client of `user`, or a guest, whose greeting has been read.
    func connect(_ user: String? = alice, groups: [String] = [], lifetime: Duration = .seconds(900)) async throws -> SocketIOClient {
        guard let user else {
            let guest = try await SocketIOClient.connect(url: url, options: Self.patience)
            _ = try await guest.event("connected", within: .seconds(30))
            return guest
        }
        let token = try await token(user, groups: groups, lifetime: lifetime)
        let client = try await SocketIOClient.connect(url: url, auth: "{\"token\":\"\(token)\"}", options: Self.patience)
        _ = try await client.event("authenticated", within: .seconds(30))
        return client
    }

    // MARK: HTTP

    func get(_ path: String, token: String? = nil) async throws -> (status: Int, body: String) {
        var request = HTTPClientRequest(url: url + path)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        return try await answer(to: request)
    }

    func publish(_ json: String, token: String? = serviceToken) async throws -> (status: Int, body: String) {
        var request = HTTPClientRequest(url: url + "/api/v1/events")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(string: json))
        return try await answer(to: request)
    }

    private func answer(to request: HTTPClientRequest) async throws -> (status: Int, body: String) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    /// The value of one metric, by its name with its labels.
    func metric(_ name: String) async throws -> Int? {
        let page = try await get("/metrics").body
        let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    struct NotAUser: Error {}
}
