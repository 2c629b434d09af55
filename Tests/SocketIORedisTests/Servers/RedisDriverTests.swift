import NIOCore
import RedisServers
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Servers on one Redis", .timeLimit(.minutes(3)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct RedisDriverTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ index: Int) {
        namespace.onDescribe { "{\"short\":\"\($0.id.prefix(3))\"}" }
        namespace.on("join") { socket, arguments, ack in ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)") }
        namespace.onServerSide("hello") { arguments, ack in ack?.send(json: "[\(index),\(String(buffer: arguments.joined))]") }
    }

    private static func join(_ client: SocketIOClient, _ room: String) async throws {
        #expect(String(buffer: try await client.emitWithAck("join", json: "\"\(room)\"", timeout: .seconds(30)).joined) == "true")
    }

    @Test(arguments: Format.allCases) func roomsAreShared(_ format: Format) async throws {
        try await RedisServer.run { redis in
            try await RedisNodes.run(format, 2, redis: redis.url, Self.define) { cluster in
                let clients = try await cluster.clients()
                // A room of 20 characters looks like a socket's id.
                for room in ["a", "orderbook:MATIC-USDC"] { try await Self.join(clients[1], room) }
                let id = clients[1].session.id
                let withChannels = [Format.sharded: ["a"], .shardedPrivate: ["a", "orderbook:MATIC-USDC", id]][format] ?? []
                for room in withChannels { try await Self.waitForChannel(redis, "socket.io#/#\(room)#") }
                cluster.of(0).to("a").emit("room", json: "1.5,{\"x\":[null]}")
                cluster.of(0).to("orderbook:MATIC-USDC").emit("book", json: "2")
                cluster.of(0).to(["a", "b"]).emit("rooms", json: "3")
                cluster.of(0).to("a").except(clients[1].session.id).emit("missed", json: "4")
                cluster.of(0).to("other").emit("missed", json: "5")
                cluster.of(0).to(clients[1].session.id).emit("id", json: "6")
                let placeholder = ByteBuffer(string: #"{"_placeholder":true,"num":0},"x""#)
                cluster.of(0).emit(OutgoingEvent("binary", json: placeholder, attachments: [ByteBuffer(bytes: [0, 255])]))
                var lines: [String] = []
                var event = try await clients[1].event(within: .seconds(30))
                while event.name != "binary" {
                    if !event.name.hasPrefix("warm") { lines.append("\(event.name) \(String(buffer: event.arguments.joined))") }
                    event = try await clients[1].event(within: .seconds(30))
                }
                #expect(lines == ["room 1.5,{\"x\":[null]}", "book 2", "rooms 3", "id 6"])
                #expect(event.arguments.binary(0) == ByteBuffer(bytes: [0, 255]))
                for client in clients { await client.disconnect() }
            }
        }
    }

    @Test(arguments: Format.allCases) func socketsAreMovedAndDescribed(_ format: Format) async throws {
        try await RedisServer.run { redis in
            try await RedisNodes.run(format, 2, redis: redis.url, Self.define) { cluster in
                let clients = try await cluster.clients()
                try await Self.waitForServers(cluster, 2)
                let other = clients[1].session.id
                cluster.of(0).to(other).socketsJoin("x", "y")
                try await eventually("rooms") {
                    Set(try await cluster.of(0).to(other).fetchSockets().first?.rooms ?? []).isSuperset(of: ["x", "y"])
                }
                let described = try await cluster.of(0).fetchSockets()
                #expect(Set(described.map(\.id)) == Set(clients.map(\.session.id)))
                let remote = try #require(described.first { $0.id == other })
                #expect(remote.json == ByteBuffer(string: "{\"short\":\"\(other.prefix(3))\"}"))
                cluster.of(0).to(other).socketsLeave("x")
                try await eventually("rooms") { try await cluster.of(0).to("x").fetchSockets().isEmpty }
                #expect(try await cluster.of(0).to("y").fetchSockets().map(\.id) == [other])
                cluster.of(0).to(other).disconnectSockets()
                _ = await clients[1].waitUntilClosed()
                await clients[0].disconnect()
            }
        }
    }

    @Test(arguments: Format.allCases) func serversAndClientsAnswer(_ format: Format) async throws {
        try await RedisServer.run { redis in
            try await RedisNodes.run(format, 3, redis: redis.url, Self.define) { cluster in
                let clients = try await cluster.clients()
                try await Self.waitForServers(cluster, 3)
                let answers = try await cluster.of(1).serverSideEmitWithAck("hello", json: "\"x\"")
                #expect(Set(answers.map { String(buffer: $0) }) == ["[0,\"x\"]", "[2,\"x\"]"])
                async let acks = cluster.of(1).emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .seconds(30))
                for (index, client) in clients.enumerated() {
                    let event = try await client.event("question", within: .seconds(30))
                    try await client.ack(try #require(event.ackID), json: "\(index)")
                }
                #expect(Set(await acks.map { String(buffer: $0.joined) }) == ["0", "1", "2"])
                if format != .python { try await Self.answerInBytes(clients[0], of: cluster) }
                for client in clients { await client.disconnect() }
            }
        }
    }

    private static func answerInBytes(_ client: SocketIOClient, of cluster: RedisNodes) async throws {
        let blob = ByteBuffer(bytes: [0, 255])
        async let acks = cluster.of(1).to(client.session.id).emitWithAck("question", json: ByteBuffer(), timeout: .seconds(30))
        let event = try await client.event("question", within: .seconds(30))
        try await client.ack(try #require(event.ackID), json: #"{"_placeholder":true,"num":0},2"#, attachments: [blob])
        #expect(await acks.map { $0.binary(0) } == [blob])
    }

    private static func waitForServers(_ cluster: RedisNodes, _ count: Int) async throws {
        for index in cluster.nodes.indices { try await eventually("servers") { try await cluster.of(index).serverCount() == count } }
    }

    private static func waitForChannel(_ redis: RedisServer, _ channel: String) async throws {
        try await eventually("channel") { try await redis.cli("PUBSUB", "SHARDNUMSUB", channel).hasSuffix("1") }
    }
}
