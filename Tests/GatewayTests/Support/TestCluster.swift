import AccessToken
import EngineIO
import Foundation
import GatewayDomain
import Logging
import NIOCore
import NIOPosix
import RedisClient
import RedisServers
import SocketIO
import SocketIOClient
import Store

@testable import Gateway

/// Several real gateways that share one redis-server and one key, for the time of one test.
struct TestCluster: Sendable {
    let nodes: [TestGateway]
    let redis: RedisServer

    static func run(
        nodes count: Int = 2,
        _ configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: (TestCluster) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "gateway-tests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let keys = try await TokenKeys.keyPair(file: directory.appending(path: "key.pem"))
        try await RedisServer.run { redis in
            var nodes: [TestGateway] = []
            var clients: [RedisClient] = []
            for _ in 0..<count {
                var configuration = GatewayConfiguration()
                configuration.serviceToken = try ServiceToken(TestGateway.serviceToken)
                configuration.router.subscriptionTimeout = .seconds(60)
                // A Redis that gets no processor for a while is not away.
                configuration.busDeafAfter = .seconds(60)
                configuration.recovery?.sourcePatience = .seconds(30)
                configuration.router.feedTimeout = .seconds(3600)
                try configure(&configuration)
                let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
                let logger = Logger(label: "test")
                var way = try RedisConfiguration(url: redis.url)
                way.connectTimeout = .seconds(30)
                let client = try RedisClient(configuration: way, group: group, logger: logger)
                try await client.start()
                clients.append(client)
                configuration.redis = client
                let verifier = AccessTokenVerifier(keys: keys, rules: AccessTokenRules(issuer: "tests", audience: "gateway"))
                let server = GatewayServer(configuration: configuration, verifier: verifier, group: group, logger: logger)
                let listener = try await server.start(host: "127.0.0.1", port: 0)
                nodes.append(
                    TestGateway(
                        server: server,
                        listener: listener,
                        issuer: try AccessTokenIssuer(keys: keys, issuer: "tests", audience: "gateway"),
                        port: listener.address?.port ?? 0,
                        group: group
                    )
                )
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(TestCluster(nodes: nodes, redis: redis))) } catch { result = .failure(error) }
            for (node, client) in zip(nodes, clients) {
                await node.server.shutdown(node.listener)
                await client.shutdown()
                try await node.group.shutdownGracefully()
            }
            try result.get()
        }
    }

    /// Waits until every device that has connected has been given what was kept for it.
    func settled() async throws {
        let users = [TestGateway.alice, TestGateway.bob].compactMap { UserID($0) }
        for node in nodes { await node.server.messaging.lanes.settle(users) }
    }
}
