import GatewayDomain
import RedisServers
import SocketIOClient
import Store
import Testing

@testable import Gateway

/// Who has been told that it is in a room is in it, also when its node ends the moment after: the session in Redis says so first.
@Suite("Confirmed joins", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct ConfirmedJoinTests {
    /// What is asked for, and what the session must say of it.
    private static let requests = [
        ("join_room", #"{"room":"trade:BTC-USDC"}"#, "trade:BTC-USDC"),
        ("subscribe_price", #"{"symbol":"BTC-USDC"}"#, "price:BTC-USDC"),
        ("subscribe_orderbook", #"{"symbol":"BTC-USDC","mode":"delta","depth":5}"#, "orderbook:BTC-USDC"),
        ("subscribe", #"{"types":["price_updates"]}"#, Firehose.prices.name),
        ("presence_subscribe", #"{"userIds":["carol-0003"]}"#, "carol-0003"),
    ]

    @Test(arguments: requests)
    func theSessionSaysSoFirst(_ event: String, _ payload: String, _ member: String) async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let node = cluster.nodes[0]
            let (client, other) = (try await node.connect(), try await node.connect(TestGateway.bob))
            // The node listens to it already, so that the join waits for nothing else.
            #expect(try await other.ask(event, payload).contains("\"ok\":true"))
            let pid = try #require(await client.recovery()?.pid)
            func saved() async throws -> String { try await cluster.redis.cli("HGET", StateKeys.session(pid), "s") }
            #expect(try await !saved().contains(member))

            _ = try await cluster.redis.cli("CLIENT", "PAUSE", "400", "WRITE")
            #expect(try await client.ask(event, payload).contains("\"ok\":true"))
            #expect(try await saved().contains(member))
            for client in [client, other] { await client.disconnect() }
        }
    }

    @Test func aStoreThatDoesNotAnswerIsNotWaitedForLong() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let node = cluster.nodes[0]
            let (client, other) = (try await node.connect(), try await node.connect(TestGateway.bob))
            for room in ["trade:BTC-USDC", "trade:ETH-USDC"] { try await other.joined(room) }
            let before = try #require(try await node.metric("moonx_recovery_unwritten_joins_total"))
            _ = try await cluster.redis.cli("CLIENT", "PAUSE", "20000", "WRITE")
            // The first who asks finds it out, for all.
            try await client.joined("trade:BTC-USDC")
            try await client.joined("trade:ETH-USDC")
            #expect(try await node.metric("moonx_recovery_unwritten_joins_total") == before + 2)
            _ = try await cluster.redis.cli("CLIENT", "UNPAUSE")
            // The session is written as soon as that can be.
            let pid = try #require(await client.recovery()?.pid)
            while try await !cluster.redis.cli("HGET", StateKeys.session(pid), "s").contains("trade:ETH-USDC") {}
            for client in [client, other] { await client.disconnect() }
        }
    }

    @Test func aLeaveDoesNotOvertakeTheJoinBeforeIt() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let client = try await cluster.nodes[0].connect()
            _ = try await cluster.redis.cli("CLIENT", "PAUSE", "200", "WRITE")
            for name in ["join_room", "leave_room", "join_room", "leave_room"] {
                try await client.emit(name, json: #"{"room":"trade:BTC-USDC"}"#)
            }
            var names: [String] = []
            while names.count < 4 {
                let name = try await client.event(nil, within: .seconds(30)).name
                if name.hasPrefix("room_") { names.append(name) }
            }
            #expect(names == ["room_joined", "room_left", "room_joined", "room_left"])
            #expect(try await cluster.nodes[0].metric("moonx_rooms_with_members") == 0)
            await client.disconnect()
        }
    }
}
