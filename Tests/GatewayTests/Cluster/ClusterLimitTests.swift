import GatewayDomain
import RedisServers
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Limits between nodes", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct ClusterLimitTests {
    /// The code with which a user is refused; `nil` where the user is let in.
    private func refusal(_ node: TestGateway, _ user: String = TestGateway.alice) async throws -> String? {
        do {
            let client = try await node.connect(user)
            await client.disconnect()
            return nil
        } catch let error as SocketIOConnectError {
            return error.code
        }
    }

    @Test func connectionsOfAUserAreCountedOverAllNodes() async throws {
        try await TestCluster.run({ $0.limits.connectionsPerUser = 3 }) { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let clients = [try await a.connect(), try await b.connect(), try await b.connect()]
            #expect(try await refusal(a) == "CONNECTION_LIMIT")
            #expect(try await refusal(b) == "CONNECTION_LIMIT")
            #expect(try await refusal(a, TestGateway.bob) == nil)
            await clients[1].disconnect()
            // The place is free as soon as the lease is back.
            while try await refusal(a) != nil { try await Task.sleep(for: .milliseconds(5)) }
            await clients[0].disconnect()
            await clients[2].disconnect()
        }
    }

    @Test func connectionsAndAttemptsOfAnAddressAreCountedOverAllNodes() async throws {
        try await TestCluster.run({ $0.limits.connectionsPerAddress = 2 }) { cluster in
            let clients = [try await cluster.nodes[0].connect(), try await cluster.nodes[1].connect(TestGateway.bob)]
            #expect(try await refusal(cluster.nodes[0], "carol-0003") == "CONNECTION_LIMIT")
            for client in clients { await client.disconnect() }
        }
        try await TestCluster.run({ $0.limits.handshakes = .init(rate: 0.01, burst: 3) }) { cluster in
            var codes: [String?] = []
            for index in [0, 1, 0, 1] { codes.append(try await refusal(cluster.nodes[index])) }
            #expect(codes == [nil, nil, nil, "RATE_LIMITED"])
        }
    }

    @Test func withoutRedisEachNodeCountsForItself() async throws {
        try await TestCluster.run({ $0.limits.connectionsPerUser = 1 }) { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let first = try await a.connect()
            cluster.redis.kill()
            let second = try await b.connect()
            #expect(try await refusal(a) == "CONNECTION_LIMIT")
            #expect(try #require(try await b.metric("moonx_cluster_total{what=\"limit_fallback\"}")) > 0)
            try await cluster.redis.start()
            // Both tell Redis what they have, which is more than anyone gets.
            while try await cluster.redis.cli("HLEN", "moonx:connections:{user:\(TestGateway.alice)}") != "2" {
                try await Task.sleep(for: .milliseconds(20))
            }
            await first.disconnect()
            await second.disconnect()
        }
    }

    @Test func connectionsThatEndWhileRedisIsAwayAreNotCountedAfterwards() async throws {
        try await TestCluster.run({ $0.limits.connectionsPerUser = 3 }) { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let parts = try #require(a.server.messaging.cluster)
            var clients: [SocketIOClient] = []
            for _ in 0..<3 { clients.append(try await a.connect()) }
            cluster.redis.pause()
            while parts.node.isReachable { try await Task.sleep(for: .milliseconds(5)) }
            for client in clients { await client.disconnect() }
            // The user and the address.
            while parts.limits.doubtful < 2 { try await Task.sleep(for: .milliseconds(5)) }
            cluster.redis.resume()
            while try await cluster.redis.cli("EXISTS", "moonx:connections:{user:\(TestGateway.alice)}") != "0" {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await refusal(b) == nil)
        }
    }

    @Test func bytesOfChatOfAUserAreSharedBetweenNodes() async throws {
        try await TestCluster.run({ $0.limits.chatBytes = .init(rate: 1, burst: 100_000) }) { cluster in
            let first = try await cluster.nodes[0].connect()
            let second = try await cluster.nodes[1].connect()
            let message = { "{\"to\":\"bob-000002\",\"message\":\"\(String(repeating: "x", count: $0 - 2))\"}" }
            // A node begins to count with the first message.
            _ = try await second.ask("direct_message", message(1_000))
            for _ in 0..<9 { #expect(try await first.ask("direct_message", message(10_000)).contains("\"ok\":true")) }
            // The other node, where far less was sent than it takes, hears of it within about a second.
            var sent = 0
            while try await second.ask("direct_message", message(1_000)).contains("\"ok\":true") {
                sent += 1
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(sent < 90)
            await first.disconnect()
            await second.disconnect()
        }
    }

    @Test func eventsOfAUserAreSharedBetweenNodes() async throws {
        try await TestCluster.run({ $0.limits.userEvents = .init(rate: 1, burst: 100) }) { cluster in
            let first = try await cluster.nodes[0].connect()
            let second = try await cluster.nodes[1].connect()
            for _ in 0..<100 { _ = try await first.ask("ping") }
            // The other node, where far less than a hundred were sent, hears of it within about a second.
            var sent = 0
            while try await second.ask("ping").contains("\"ok\":true") {
                sent += 1
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(sent < 90)
            await first.disconnect()
            await second.disconnect()
        }
    }
}
