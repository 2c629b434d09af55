import NIOCore
import RESP
import RedisServers
import Testing

@testable import RedisClient

@Suite("A real cluster", .timeLimit(.minutes(4)), .serialized, .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct ClusterTests {
    @Test func commandsGoToTheNodesOfTheirKeys() async throws {
        try await RedisCluster.run { cluster in
            // One seed is enough.
            try await TestClient.run(cluster.nodes[0].url) { client in
                #expect(client.isCluster)
                let keys = (0..<100).map { "key:\($0)" }
                let set = await client.pipeline(keys.map { RedisCommand("SET", .string($0), .string($0), key: $0) })
                #expect(set.allSatisfy { (try? $0.get().string) == "OK" })
                let got = await client.pipeline(keys.map { RedisCommand("GET", .string($0), key: $0) })
                #expect(got.map { try? $0.get().string } == keys)
                let sizes = try await client.sendToAll(RedisCommand("DBSIZE")).map { $0.integer ?? 0 }
                #expect(sizes.count == 3 && sizes.reduce(0, +) == 100 && sizes.allSatisfy { $0 > 0 })
                let script = RedisScript("return redis.call('GET', KEYS[1])")
                for key in keys.prefix(10) { #expect(try await client.run(script, keys: [key]).string == key) }
                let across = await #expect(throws: RedisError.self) {
                    try await client.send(RedisCommand("MGET", "key:1", "key:2", key: "key:1"))
                }
                #expect(across?.reply?.code == "CROSSSLOT")
            }
        }
    }

    @Test func aSlotThatMovesIsFollowed() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.url) { client in
                let (key, slot) = ("{moving}:1", HashSlot(of: "moving").number)
                _ = try await client.send(RedisCommand("SET", .string(key), "v", key: key))
                let heard = Journal<String>()
                try await client.subscriptions.subscribe("{moving}", kind: .sharded) { heard.append(String(buffer: $0.payload)) }

                let from = try await cluster.master(ofSlot: slot)
                let to = try #require(cluster.nodes.first { $0.port != from.port })
                let (fromID, toID) = (try await cluster.id(of: from), try await cluster.id(of: to))
                try await to.cli("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", fromID)
                try await from.cli("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", toID)
                // ASK: a key that is not here any more, or not yet.
                #expect(try await client.send(RedisCommand("GET", "{moving}:2", key: "{moving}:2")).isNull)
                #expect(try await client.send(RedisCommand("SET", "{moving}:2", "w", key: "{moving}:2")).string == "OK")
                try await from.cli("MIGRATE", "127.0.0.1", "\(to.port)", key, "0", "5000")
                #expect(try await client.send(RedisCommand("GET", .string(key), key: key)).string == "v")
                #expect(client.interruptions == 0)
                for node in [to, from] + cluster.nodes.filter({ $0.port != from.port && $0.port != to.port }) {
                    try await node.cli("CLUSTER", "SETSLOT", "\(slot)", "NODE", toID)
                }
                // MOVED.
                #expect(try await client.send(RedisCommand("GET", .string(key), key: key)).string == "v")
                #expect(client.interruptions > 0)
                #expect(try await client.send(RedisCommand("GET", "{moving}:2", key: "{moving}:2")).string == "w")
                // The sharded channel went along.
                try await eventually {
                    try await client.send(RedisCommand("SPUBLISH", "{moving}", "x", key: "{moving}")).integer == 1
                }
                try await heard.wait { $0.contains("x") }
            }
        }
    }

    /// No command of the client's own meets the slots: the channels alone have to notice.
    @Test func slotsThatMoveOneAfterTheOtherAreFollowed() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.url) { client in
                let (from, to) = (cluster.nodes[0], cluster.nodes[1])
                var channels: [(name: String, slot: Int)] = []
                var number = 0
                while channels.count < 4 {
                    let (name, slot) = ("c\(number)", HashSlot(of: "c\(number)").number)
                    if try await cluster.master(ofSlot: slot).port == from.port { channels.append((name, slot)) }
                    number += 1
                }
                let heard = Journal<String>()
                for channel in channels {
                    try await client.subscriptions.subscribe(channel.name, kind: .sharded) { heard.append(String(buffer: $0.payload)) }
                }
                let toID = try await cluster.id(of: to)
                for channel in channels {
                    for node in [to, from] { try await node.cli("CLUSTER", "SETSLOT", "\(channel.slot)", "NODE", toID) }
                }
                for channel in channels { try await eventually { try await to.cli("SPUBLISH", channel.name, channel.name) == "1" } }
                try await heard.wait { Set($0) == Set(channels.map(\.name)) }
            }
        }
    }

    @Test func channelsLeaveANodeThatLeavesTheCluster() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.url, { $0.pingInterval = .seconds(3) }) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                client.subscriptions.onStateChange { states.append($0) }
                try await client.subscriptions.subscribe("plain") { heard.append(String(buffer: $0.payload)) }
                var holder: RedisServer?
                for node in cluster.nodes where try await node.cli("PUBSUB", "NUMSUB", "plain").hasSuffix("1") { holder = node }
                let leaving = try #require(holder)
                let others = cluster.nodes.filter { $0.port != leaving.port }
                let id = try await cluster.id(of: leaving)
                try await cluster.giveAway(slotsOf: leaving, to: others[0])
                for node in others { try await node.cli("CLUSTER", "FORGET", id) }
                try await leaving.cli("CLUSTER", "RESET", "SOFT")
                try await eventually {
                    try await others[1].cli("PUBLISH", "plain", "x")
                    return heard.all.contains("x")
                }
                // What was published meanwhile may be lost, and that is told.
                #expect(states.all == [.cut, .live])
            }
        }
    }

    @Test func aReaderBeginsWithTheNodesThatThereAre() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.nodes[0].url) { client in
                let reader = await client.another()
                #expect(Set(reader.configuration.addresses.map(\.port)) == Set(cluster.nodes.map(\.port)))
            }
        }
    }

    @Test func channelsAreHeardFromEveryNode() async throws {
        try await RedisCluster.run { cluster in
            try await TestClient.run(cluster.url) { client in
                let heard = Journal<String>()
                try await client.subscriptions.subscribe("plain") { heard.append(String(buffer: $0.payload)) }
                try await client.subscriptions.subscribe("pl*", kind: .pattern) { heard.append("*\(String(buffer: $0.payload))") }
                let channels = (0..<12).map { "sharded:\($0)" }
                for channel in channels {
                    try await client.subscriptions.subscribe(channel, kind: .sharded) { heard.append(String(buffer: $0.payload)) }
                }
                for (index, node) in cluster.nodes.enumerated() { try await node.cli("PUBLISH", "plain", "\(index)") }
                for channel in channels {
                    #expect(try await client.send(RedisCommand("SPUBLISH", .string(channel), .string(channel), key: channel)).integer == 1)
                }
                try await heard.wait { $0.count == 6 + 12 }
                #expect(Set(heard.all) == Set(["0", "1", "2", "*0", "*1", "*2"] + channels))
            }
        }
    }

    @Test func aMasterThatFailsIsReplaced() async throws {
        try await RedisCluster.run(replicas: 1) { cluster in
            try await TestClient.run(cluster.url) { client in
                let (heard, states) = (Journal<String>(), Journal<RedisSubscriptions.State>())
                let slot = HashSlot(of: "shard").number
                client.subscriptions.onStateChange { states.append($0) }
                try await client.subscriptions.subscribe("shard", kind: .sharded) { heard.append(String(buffer: $0.payload)) }
                _ = try await client.send(RedisCommand("SET", "shard", "v", key: "shard"))
                _ = try await client.send(RedisCommand("WAIT", "1", "10000", key: "shard"))
                try await cluster.master(ofSlot: slot).kill()
                try await states.wait(seconds: 90) { $0.last == .live }
                try await eventually(seconds: 60) { (try? await client.send(RedisCommand("GET", "shard", key: "shard")).string) == "v" }
                try await eventually(seconds: 60) {
                    (try? await client.send(RedisCommand("SPUBLISH", "shard", "x", key: "shard")).integer) == 1
                }
                try await heard.wait { $0.contains("x") }
                // Not live for a moment in between, while the channel went from one node to the other.
                #expect(states.all == [.cut, .live])
            }
        }
    }
}
