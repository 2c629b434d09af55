import GatewayDomain
import JSONScan
import RedisServers
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("Presence between nodes", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct ClusterPresenceTests {
    private func run(linger: Duration = .milliseconds(100), _ body: (TestCluster) async throws -> Void) async throws {
        try await TestCluster.run({ $0.presenceLinger = linger }, body)
    }

    /// Subscribes to Bob and gives how he is seen.
    private func subscribe(_ client: SocketIOClient) async throws -> (status: String?, lastSeen: Int64?) {
        _ = try await client.ask("presence_subscribe", #"{"userIds":["bob-000002"]}"#)
        let states = try await client.event("presence_subscribed", within: .seconds(30)).arguments.object(0)?.raw("states")
        let state = try JSONObject(Array((states.map { String(decoding: $0, as: UTF8.self) } ?? "").dropFirst().dropLast().utf8))
        #expect(state.string("userId") == TestGateway.bob)
        return (state.string("status"), state.integer("lastSeen"))
    }

    private func update(_ client: SocketIOClient) async throws -> (status: String?, lastSeen: Int64?) {
        let update = try await client.next("presence_update")
        #expect(update.string("userId") == TestGateway.bob)
        return (update.string("status"), update.integer("lastSeen"))
    }

    @Test func changesReachTheWatchersOnEveryNode() async throws {
        try await run { cluster in
            let watchers = [try await cluster.nodes[0].connect(), try await cluster.nodes[1].connect("carol-0003")]
            for watcher in watchers { #expect(try await subscribe(watcher).status == "offline") }
            let first = try await cluster.nodes[0].connect(TestGateway.bob)
            for watcher in watchers { #expect(try await update(watcher).status == "online") }
            let second = try await cluster.nodes[1].connect(TestGateway.bob)
            for status in ["away", "busy"] {
                _ = try await second.ask("set_presence", "{\"status\":\"\(status)\"}")
                for watcher in watchers { #expect(try await update(watcher).status == status) }
            }
            // Of two devices on two nodes the first to go is not seen.
            await first.disconnect()
            while try await cluster.nodes[0].metric("moonx_users_present") != 1 { try await Task.sleep(for: .milliseconds(5)) }
            _ = try await second.ask("set_presence", #"{"status":"online"}"#)
            for watcher in watchers { #expect(try await update(watcher).status == "online") }
            let before = WallClock.milliseconds()
            await second.disconnect()
            for watcher in watchers {
                let gone = try await update(watcher)
                #expect(gone.status == "offline")
                #expect(try #require(gone.lastSeen) >= before - 1)
            }
            for watcher in watchers { await watcher.disconnect() }
        }
    }

    @Test func whoMovesToAnotherNodeInTimeWasNeverGone() async throws {
        try await run(linger: .seconds(6)) { cluster in
            let first = try await cluster.nodes[0].connect(TestGateway.bob)
            let watcher = try await cluster.nodes[0].connect()
            while try await subscribe(watcher).status != "online" { try await Task.sleep(for: .milliseconds(20)) }
            await first.disconnect()
            let second = try await cluster.nodes[1].connect(TestGateway.bob)
            // The first node lets go of the user meanwhile.
            while try await cluster.nodes[0].metric("moonx_users_present") != 1 { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await second.ask("set_presence", #"{"status":"busy"}"#)
            let changes = [try await update(watcher).status]
            #expect(changes == ["busy"])
            await second.disconnect()
            await watcher.disconnect()
        }
    }

    @Test func invisibleLooksOfflineAlsoTheNextTime() async throws {
        try await run { cluster in
            let watcher = try await cluster.nodes[0].connect()
            #expect(try await subscribe(watcher).status == "offline")
            let first = try await cluster.nodes[1].connect(TestGateway.bob)
            #expect(try await update(watcher).status == "online")
            _ = try await first.ask("set_presence", #"{"status":"invisible"}"#)
            let hidden = try await update(watcher)
            #expect(hidden.status == "offline")
            await first.disconnect()
            while try await cluster.nodes[1].metric("moonx_users_present") != 0 { try await Task.sleep(for: .milliseconds(5)) }
            let second = try await cluster.nodes[0].connect(TestGateway.bob)
            #expect(try await subscribe(watcher).lastSeen == hidden.lastSeen)
            _ = try await second.ask("set_presence", #"{"status":"online"}"#)
            #expect(try await update(watcher).status == "online")
            await second.disconnect()
            await watcher.disconnect()
        }
    }

    /// Nothing is cut: what fails by itself is made good by itself.
    @Test func whatRedisRefusedIsToldAgainSoon() async throws {
        try await run { cluster in
            let (watching, node) = (cluster.nodes[0], cluster.nodes[1])
            let watcher = try await watching.connect()
            #expect(try await subscribe(watcher).status == "offline")
            /// Runs `body` while Redis refuses a step of presence, until it has.
            func refusing(_ command: String, _ body: () async throws -> Void) async throws {
                let failures = #"moonx_cluster_total{what="presence_failure"}"#
                let before = try await node.metric(failures)
                try await cluster.redis.cli("ACL", "SETUSER", "default", "-" + command)
                try await body()
                while try await node.metric(failures) == before { try await Task.sleep(for: .milliseconds(5)) }
                try await cluster.redis.cli("ACL", "SETUSER", "default", "+" + command)
            }
            var clients: [SocketIOClient] = []
            try await refusing("hset") { clients.append(try await node.connect(TestGateway.bob)) }
            #expect(try await update(watcher).status == "online")
            try await refusing("hdel") { for client in clients { await client.disconnect() } }
            #expect(try await update(watcher).status == "offline")
            await watcher.disconnect()
        }
    }

    @Test func afterALossOfAllDataTheNodesTellItAnew() async throws {
        try await run { cluster in
            let bob = try await cluster.nodes[1].connect(TestGateway.bob)
            let watcher = try await cluster.nodes[0].connect()
            while try await subscribe(watcher).status != "online" { try await Task.sleep(for: .milliseconds(20)) }
            try await cluster.redis.cli("FLUSHALL")
            while try await cluster.redis.cli("HLEN", "moonx:presence:{bob-000002}") == "0" { try await Task.sleep(for: .milliseconds(20)) }
            for client in [watcher, bob] { await client.disconnect() }
        }
    }
}
