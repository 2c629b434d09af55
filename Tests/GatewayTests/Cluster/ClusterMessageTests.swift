import GatewayDomain
import JSONScan
import NIOCore
import RedisServers
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("Messages between nodes", .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct ClusterMessageTests {
    private func send(_ client: SocketIOClient, to user: String, _ text: String, name: String? = nil) async throws -> JSONObject {
        let name = name.map { ",\"clientMessageId\":\"\($0)\"" } ?? ""
        let answer = try await client.emitWithAck(
            "direct_message",
            json: "{\"to\":\"\(user)\",\"message\":\"\(text)\"\(name)}",
            timeout: .seconds(30)
        )
        return try JSONObject(Array(answer.joined.readableBytesView))
    }

    @Test func everyDeviceOnEveryNodeGetsItOnce() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let sender = try await a.connect()
            let copies = [try await a.connect(), try await b.connect()]
            let devices = [try await a.connect(TestGateway.bob), try await b.connect(TestGateway.bob)]
            try await cluster.settled()
            let answer = try await send(sender, to: TestGateway.bob, "hi", name: "m1")
            #expect(answer.bool("delivered") == true)
            for client in devices + copies {
                let message = try await client.next("direct_message")
                #expect(message.string("message") == "hi")
                #expect(message.string("messageId") == answer.string("messageId"))
                #expect(message["offline"] == nil)
            }
            // A repeat on another node gets the first's answer, and nothing is sent.
            let again = try await send(copies[1], to: TestGateway.bob, "hi", name: "m1")
            #expect(again.string("messageId") == answer.string("messageId"))
            #expect(again.bool("delivered") == true)
            #expect(try await send(copies[1], to: TestGateway.bob, "end").bool("delivered") == true)
            for client in devices { #expect(try await client.next("direct_message").string("message") == "end") }
            for client in devices + copies + [sender] { await client.disconnect() }
        }
    }

    @Test func whatWasSentToNobodyWaitsAndIsTakenInOnce() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let sender = try await a.connect()
            for number in 1...3 { #expect(try await send(sender, to: TestGateway.bob, "m\(number)").bool("delivered") == false) }
            let first = try await b.connect(TestGateway.bob)
            var ids: [String] = []
            for number in 1...3 {
                let message = try await first.next("direct_message")
                #expect(message.string("message") == "m\(number)")
                #expect(message.bool("offline") == true)
                ids.append(try #require(message.string("messageId")))
            }
            _ = try await first.ask("received", "{\"ids\":[\"\(ids[0])\",\"\(ids[1])\"]}")
            let second = try await a.connect(TestGateway.bob)
            #expect(try await second.next("direct_message").string("message") == "m3")
            for client in [sender, first, second] { await client.disconnect() }
        }
    }

    @Test func nothingIsLostOrDoubledWhileDevicesComeOnAnotherNode() async throws {
        try await TestCluster.run { cluster in
            let sender = try await cluster.nodes[0].connect()
            let count = 90
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...count { _ = try await send(sender, to: TestGateway.bob, "\(number)") }
                }
                for index in 0..<6 {
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(index * 15))
                        let device = try await cluster.nodes[index % 2].connect(TestGateway.bob)
                        var seen: [Int] = []
                        while seen.last != count {
                            let message = try await device.next("direct_message")
                            seen.append(try #require(message.string("message").flatMap { Int($0) }))
                        }
                        // Whatever had been taken in before it came: from then on no gap, no order but one, nothing twice.
                        #expect(seen == Array((seen.first ?? 0)...count))
                        await device.disconnect()
                    }
                }
                try await group.waitForAll()
            }
            await sender.disconnect()
        }
    }

    @Test func aCutLosesNothing() async throws {
        try await TestCluster.run { cluster in
            let sender = try await cluster.nodes[0].connect()
            let device = try await cluster.nodes[1].connect(TestGateway.bob)
            try await cluster.settled()
            for number in 1...40 {
                if number % 10 == 5 { try await cluster.redis.cli("CLIENT", "KILL", "TYPE", "pubsub") }
                #expect(try await send(sender, to: TestGateway.bob, "\(number)").bool("ok") == true)
            }
            for number in 1...40 { #expect(try await device.next("direct_message").string("message") == "\(number)") }
            await sender.disconnect()
            await device.disconnect()
        }
    }

    /// The device need not come again to get what its node could not take.
    @Test func whatComesWhileALaneIsFullIsGivenOnceThereIsRoom() async throws {
        try await TestCluster.run { cluster in
            let sender = try await cluster.nodes[0].connect()
            let device = try await cluster.nodes[1].connect(TestGateway.bob)
            try await cluster.settled()
            let (lanes, bob) = (cluster.nodes[1].server.messaging.lanes, try #require(UserID(TestGateway.bob)))
            let (closed, gate) = AsyncStream.makeStream(of: Void.self)
            #expect(lanes.run(for: bob) { for await _ in closed {} })
            while lanes.run(for: bob, {}) {}
            #expect(try await send(sender, to: TestGateway.bob, "1").bool("delivered") == false)
            // The message, and one attempt at least to read what is kept.
            while try await cluster.nodes[1].metric(#"moonx_mail_total{what="overflow"}"#) ?? 0 < 2 {
                try await Task.sleep(for: .milliseconds(20))
            }
            gate.finish()
            #expect(try await device.next("direct_message").string("message") == "1")
            #expect(try await send(sender, to: TestGateway.bob, "2").bool("ok") == true)
            #expect(try await device.next("direct_message").string("message") == "2")
            for client in [sender, device] { await client.disconnect() }
        }
    }

    @Test func aDeviceThatHasGoneIsNoReceiver() async throws {
        try await TestCluster.run { cluster in
            let sender = try await cluster.nodes[0].connect()
            let device = try await cluster.nodes[1].connect(TestGateway.bob)
            try await cluster.settled()
            await device.disconnect()
            // The node goes on listening for a while, and says that nobody is there.
            while try await cluster.nodes[1].metric("moonx_connections") != 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await send(sender, to: TestGateway.bob, "hi").bool("delivered") == false)
            await sender.disconnect()
        }
    }

    @Test func aNotificationThatEveryNodeReadsComesOnceToEachDevice() async throws {
        try await TestCluster.run { cluster in
            let devices = [
                try await cluster.nodes[0].connect(), try await cluster.nodes[1].connect(), try await cluster.nodes[1].connect(),
            ]
            try await cluster.settled()
            for id in ["n1", "n2"] {
                let envelope = #"{"type":"notification","userId":"alice-0001","id":"\#(id)","data":{"title":"t"}}"#
                for node in cluster.nodes { try await node.server.publish(json: envelope) }
                for device in devices { #expect(try await device.next("notification").string("id") == id) }
            }
            _ = try await devices[0].ask("received", #"{"ids":["n1","n2"]}"#)
            let late = try await cluster.nodes[0].connect()
            #expect(try await late.ask("ping").contains("\"ok\":true"))
            #expect(try await late.next().hasPrefix("pong"))
            for device in devices + [late] { await device.disconnect() }
        }
    }

    /// Nodes that read it each for itself must not take it for two.
    @Test(arguments: ["XADD moonx:stream:notification * event", "PUBLISH moonx:events", "PUBLISH moonx:events:user:alice-0001"])
    func aNotificationThatHasNoIDComesOnceToEachDevice(_ way: String) async throws {
        try await TestCluster.run { cluster in
            let devices = [try await cluster.nodes[0].connect(), try await cluster.nodes[1].connect()]
            for device in devices { try await device.joined("user:\(TestGateway.alice)") }
            func publish(_ title: String) async throws {
                let envelope = #"{"type":"notification","userId":"alice-0001","data":{"title":"\#(title)"}}"#
                try await RedisServer.run(
                    "/usr/bin/redis-cli",
                    ["-p", "\(cluster.redis.port)"] + way.split(separator: " ").map(String.init) + [envelope]
                )
            }
            for title in ["one", "two"] {
                // The name that nodes give it is of the two minutes in which they read it.
                while WallClock.milliseconds() % 120_000 > 110_000 { try await Task.sleep(for: .milliseconds(100)) }
                try await publish(title)
                var ids: Set<String?> = []
                for device in devices {
                    let notification = try await device.next("notification")
                    #expect(notification.string("title") == title)
                    ids.insert(notification.string("id"))
                }
                #expect(ids.count == 1)
            }
            for device in devices { await device.disconnect() }
        }
    }

    /// The members get a message once, and the sender one answer, however often and wherever it is sent.
    @Test func aRepeatOfAMessageToAGroupIsTheSameMessage() async throws {
        try await TestCluster.run { cluster in
            let senders = [try await cluster.nodes[0].connect(), try await cluster.nodes[1].connect()]
            let member = try await cluster.nodes[1].connect(TestGateway.bob)
            for client in senders + [member] { try await client.joined("group:my-group-1") }
            let payload = #"{"roomId":"my-group-1","message":"x","clientMessageId":"n1"}"#
            let first = try await senders[0].ask("room_message", payload)
            let message = try await member.next("room_message")
            #expect(first == #"{"ok":true,"messageId":"\#(message.string("messageId") ?? "")"}"#)
            #expect(try await senders[1].ask("room_message", payload) == first)

            // As where the node died before it could note down that the message was sent: it is sent again, and is the same.
            let answers = "moonx:sent:{\(TestGateway.alice)}"
            let noted = try await cluster.redis.cli("HGET", answers, "n1")
            try await cluster.redis.cli("HSET", answers, "n1", "c" + noted.drop { $0 == "k" })
            #expect(try await senders[1].ask("room_message", payload) == first)
            #expect(try await cluster.redis.cli("XLEN", "moonx:stream:room_message").contains("2"))
            #expect(try await senders[0].ask("room_message", payload) == first)

            _ = try await senders[0].ask("room_message", #"{"roomId":"my-group-1","message":"y"}"#)
            #expect(try await member.next("room_message").string("message") == "y")
            #expect(try await cluster.redis.cli("XLEN", "moonx:stream:room_message").contains("3"))
            for client in senders + [member] { await client.disconnect() }
        }
    }

    @Test func withoutRedisTheSenderIsTold() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let sender = try await cluster.nodes[0].connect()
            try await cluster.settled()
            cluster.redis.kill()
            let answer = try await send(sender, to: TestGateway.bob, "1")
            #expect(answer.bool("ok") == false)
            #expect(answer.string("code") == "INTERNAL")
            try await cluster.redis.start()
            while try await send(sender, to: TestGateway.bob, "2").bool("ok") != true { try await Task.sleep(for: .milliseconds(50)) }
            await sender.disconnect()
        }
    }
}
