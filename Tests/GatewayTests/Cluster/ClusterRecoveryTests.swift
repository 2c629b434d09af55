import Foundation
import GatewayDomain
import JSONScan
import RedisServers
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

/// Clients that come back to another node than they were on. The nodes are real and share a real Redis.
@Suite("Recovery on another node", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct ClusterRecoveryTests {
    private func publish(_ gateway: TestGateway, _ type: String, _ number: Int, _ more: String = #","symbol":"BTC-USDC""#) async throws {
        try await gateway.server.publish(json: #"{"type":"\#(type)"\#(more),"data":{"n":\#(number)},"timestamp":1}"#)
    }

    private func next(_ client: SocketIOClient) async throws -> String {
        let event = try await client.event(nil, within: .seconds(30))
        return "\(event.name)\(event.arguments.object(0)?.integer("n").map { " \($0)" } ?? "")"
    }

    private func events(_ client: SocketIOClient, until last: String) async throws -> [String] {
        var events: [String] = []
        while events.last != last { events.append(try await next(client)) }
        return events
    }

    /// Waits until a client has heard these, in whatever order: its node has read them, whichever streams they came by.
    private func heard(_ client: SocketIOClient, _ events: Set<String>) async throws {
        var missing = events
        while !missing.isEmpty { missing.remove(try await next(client)) }
    }

    /// Waits until what is written of connected clients has got as far as the last change.
    private func written(_ gateway: TestGateway, _ body: () async throws -> Void) async throws {
        let before = try #require(try await gateway.metric("moonx_recovery_session_writes_total"))
        try await body()
        while try await gateway.metric("moonx_recovery_session_writes_total") == before { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func whatWasMissedComesOnceAndInOrder() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            for room in ["trade:BTC-USDC", "orders:alice-0001", "user:alice-0001"] { try await client.joined(room) }
            let witness = try await b.connect(TestGateway.bob)
            try await witness.joined("trade:BTC-USDC")
            try await publish(a, "trade_notification", 1)
            #expect(try await next(client) == "trade_notification 1")

            let recovery = try await a.lose(client)
            try await publish(a, "trade_notification", 2)
            try await publish(b, "trade_notification", 3, #","symbol":"ETH-USDC""#)
            // Public and personal copy.
            try await publish(b, "trade_notification", 4, #","symbol":"BTC-USDC","userId":"alice-0001""#)
            try await publish(a, "trade_notification", 5)
            try await heard(witness, ["trade_notification 5"])

            let again = try await b.comeBack(recovery)
            #expect(again.session.recovered)
            #expect(again.session.id == client.session.id)
            let missed = ["trade_notification 2", "trade_notification 4", "trade_notification 4", "trade_notification 5"]
            #expect(try await events(again, until: "authenticated") == missed + ["connected", "authenticated"])
            try await publish(a, "trade_notification", 6)
            #expect(try await next(again) == "trade_notification 6")
            #expect(try await b.metric("moonx_recovery_sessions_adopted_total") == 1)
            for client in [again, witness] { await client.disconnect() }
        }
    }

    @Test func aCopyOfATradeIsAPlaceOfItsOwn() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            for room in ["trade:BTC-USDC", "user:alice-0001"] { try await client.joined(room) }
            try await publish(a, "trade_notification", 1, #","symbol":"BTC-USDC","userId":"alice-0001""#)
            #expect(try await next(client) == "trade_notification 1")
            var recovery = try await a.lose(client)
            // The crash came between the two copies.
            let offset = try #require(recovery.offset.flatMap { RecoveryOffset($0) })
            let place = try #require(offset.sources)[0]
            var sources = SourcePositions(count: 3)
            sources.advance(to: SourcePlace(source: 0, id: SourceID(milliseconds: place.milliseconds, number: place.number & ~1)))
            recovery.offset = RecoveryOffset(epoch: offset.epoch, position: 1, sources: sources).text

            let again = try await b.comeBack(recovery)
            let first = try await again.event(nil, within: .seconds(30))
            #expect(first.name == "trade_notification" && first.arguments.object(0)?.bool("personal") == true)
            #expect(try await next(again) == "connected")
            await again.disconnect()
        }
    }

    @Test func whatCameBeforeARoomWasJoinedIsNotMissed() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            try await publish(a, "trade_notification", 1)
            try await publish(a, "system_alert", 1, "")
            #expect(try await next(client) == "system_alert 1")
            try await publish(a, "trade_notification", 2)
            // Everything of the stream has been read here before the room is joined.
            let marks = try await a.connect(TestGateway.bob)
            try await marks.joined("trade:BTC-USDC")
            try await publish(a, "trade_notification", 3)
            #expect(try await next(marks) == "trade_notification 3")
            try await client.joined("trade:BTC-USDC")
            let witness = try await b.connect(TestGateway.bob)
            try await witness.joined("trade:BTC-USDC")
            let recovery = try await a.lose(client)
            try await publish(a, "trade_notification", 4)
            for client in [marks, witness] { try await heard(client, ["trade_notification 4"]) }

            // From node to node, twice: nothing of it is forgotten, though the client has seen nothing new.
            let second = try await b.comeBack(recovery)
            #expect(try await events(second, until: "authenticated").first == "trade_notification 4")
            let unseen = try await b.lose(second)
            #expect(unseen.offset != recovery.offset)
            let third = try await a.comeBack(SocketIORecovery(pid: unseen.pid, offset: recovery.offset))
            #expect(third.session.recovered)
            #expect(try await events(third, until: "authenticated") == ["trade_notification 4", "connected", "authenticated"])
            for client in [third, marks, witness] { await client.disconnect() }
        }
    }

    @Test func aGroupsMessagesAreMissedLikeAnyEvent() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            let other = try await b.connect(TestGateway.bob)
            let witnesses = [try await a.connect("carol-0003"), try await b.connect("carol-0003")]
            for member in [client, other] + witnesses { try await member.joined("group:my-group-1") }
            func say(_ number: Int) async throws {
                #expect(try await other.ask("room_message", #"{"roomId":"my-group-1","message":\#(number)}"#).contains("true"))
            }
            func heard(_ client: SocketIOClient) async throws -> String {
                let event = try await client.event(nil, within: .seconds(30))
                return "\(event.name)\(event.arguments.object(0)?.integer("message").map { " \($0)" } ?? "")"
            }
            func wait(for number: Int) async throws {
                for witness in witnesses { while try await heard(witness) != "room_message \(number)" {} }
            }
            try await say(1)
            #expect(try await heard(client) == "room_message 1")
            // What it sends itself does not come back to it, on no node.
            _ = try await client.ask("room_message", #"{"roomId":"my-group-1","message":2}"#)
            #expect(try await heard(other) == "room_message 2")
            var recovery = try await a.lose(client)
            try await say(3)
            try await publish(a, "system_alert", 9, "")
            for witness in witnesses { while try await heard(witness) != "system_alert" {} }
            try await say(4)
            try await wait(for: 4)

            let again = try await b.comeBack(recovery)
            #expect(again.session.recovered && again.session.id == client.session.id)
            var seen: [String] = []
            while seen.last != "authenticated" { seen.append(try await heard(again)) }
            // The two streams have no common order.
            #expect(seen.filter { $0 != "system_alert" } == ["room_message 3", "room_message 4", "connected", "authenticated"])
            #expect(seen.count == 5)
            try await say(5)
            #expect(try await heard(again) == "room_message 5")
            recovery = try await b.lose(again)
            try await say(6)
            try await wait(for: 6)
            let third = try await a.comeBack(recovery)
            #expect(third.session.recovered)
            #expect(try await heard(third) == "room_message 6")
            for client in [third, other] + witnesses { await client.disconnect() }
        }
    }

    /// A node of a version that knew three streams has written the session: who was in a group begins anew, all others go on.
    @Test(arguments: [true, false])
    func aSessionThatKnowsNoPlaceInTheGroupsStreamIsForThoseWhoWereInNone(isInGroup: Bool) async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let other = try await b.connect(TestGateway.bob)
            for room in ["group:my-group-1", "trade:BTC-USDC"] { try await other.joined(room) }
            _ = try await other.ask("room_message", #"{"roomId":"my-group-1","message":1}"#)
            let client = try await a.connect()
            try await client.joined("trade:BTC-USDC")
            if isInGroup { try await client.joined("group:my-group-1") }
            try await publish(a, "trade_notification", 1)
            #expect(try await next(client) == "trade_notification 1")
            var recovery = try await a.lose(client)
            try await publish(a, "trade_notification", 2)
            try await heard(other, ["trade_notification 2"])

            let offset = try #require(recovery.offset.flatMap { RecoveryOffset($0) })
            recovery.offset = RecoveryOffset(epoch: offset.epoch, position: offset.position, sources: offset.sources?.first(3)).text
            let key = "moonx:session:\(recovery.pid)"
            var text = try await cluster.redis.cli("HGET", key, "s").trimmingCharacters(in: .newlines)
            let session = try JSONObject(Array(text.utf8))
            for places in Set(session.strings("places") ?? []) {
                text = text.replacing("\"\(places)\"", with: "\"\(try #require(SourcePositions(places)).first(3).text)\"")
            }
            try await cluster.redis.cli("HSET", key, "s", text)

            let again = try await b.comeBack(recovery)
            #expect(again.session.recovered == !isInGroup)
            let expected = isInGroup ? ["connected", "authenticated"] : ["trade_notification 2", "connected", "authenticated"]
            #expect(try await events(again, until: "authenticated") == expected)
            if !isInGroup {
                // From here on it stands in the stream of groups as well.
                try await again.joined("group:my-group-1")
                _ = try await other.ask("room_message", #"{"roomId":"my-group-1","message":2}"#)
                #expect(try await next(again) == "room_message")
                let third = try await a.comeBack(try await b.lose(again))
                #expect(third.session.recovered)
                #expect(try await events(third, until: "authenticated") == ["connected", "authenticated"])
                await third.disconnect()
            } else {
                await again.disconnect()
            }
            await other.disconnect()
        }
    }

    @Test func halfOfWhatWasMissedIsNotSentAgain() async throws {
        try await TestCluster.run(nodes: 3) { cluster in
            let (a, b, c) = (cluster.nodes[0], cluster.nodes[1], cluster.nodes[2])
            let client = try await a.connect()
            // Another device of hers on each node that she comes back to.
            let witnesses = [try await b.connect(), try await c.connect()]
            for room in ["trade:BTC-USDC", "orders:alice-0001"] { for client in [client] + witnesses { try await client.joined(room) } }
            let recovery = try await a.lose(client)
            for number in 1...4 {
                try await publish(a, "trade_notification", number)
                try await publish(a, "order_update", number, #","userId":"alice-0001""#)
            }
            for witness in witnesses { try await heard(witness, ["trade_notification 4", "order_update 4"]) }
            let second = try await b.comeBack(recovery)
            var seen: [String] = []
            var half = recovery
            for _ in 0..<3 {
                let event = try await second.event(nil, within: .seconds(30))
                seen.append("\(event.name) \(event.arguments.object(0)?.integer("n") ?? 0)")
                half.offset = event.arguments.string(1)
            }
            // The rest did not get through.
            _ = try await b.lose(second)
            let third = try await c.comeBack(half)
            #expect(third.session.recovered)
            let all = seen + (try await events(third, until: "connected")).dropLast()
            #expect(all.filter { $0.hasPrefix("trade") } == (1...4).map { "trade_notification \($0)" })
            #expect(all.filter { $0.hasPrefix("order") } == (1...4).map { "order_update \($0)" })
            for client in [third] + witnesses { await client.disconnect() }
        }
    }

    @Test func whoseNodeHasNotNoticedItsLossGoesOnElsewhereAndTheOldConnectionEnds() async throws {
        try await TestCluster.run {
            // Written often, so that the old node soon learns of it, and kept for as long as a busy machine may take.
            $0.recovery?.window = .seconds(12)
        } _: { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            try await written(a) { try await client.joined("trade:BTC-USDC") }
            let recovery = try #require(await client.recovery())
            let again = try await b.comeBack(recovery)
            #expect(again.session.recovered)
            while try await a.metric("moonx_recovery_sessions_lost_total") != 1 { try await Task.sleep(for: .milliseconds(20)) }
            // What the old node says of it afterwards counts no longer.
            try await publish(a, "trade_notification", 1)
            #expect(try await events(again, until: "trade_notification 1").last == "trade_notification 1")
            let back = try await a.comeBack(try await b.lose(again))
            #expect(back.session.recovered)
            #expect(try await next(back) == "connected")
            await back.disconnect()
        }
    }

    @Test func aSessionIsGivenBackOnceAndToItsUserOnly() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            try await client.joined("trade:BTC-USDC")
            let recovery = try await a.lose(client)
            let thief = try await b.comeBack(recovery, user: TestGateway.bob)
            #expect(!thief.session.recovered)
            let nodes = [a, b, a, b]
            let clients = try await withThrowingTaskGroup(of: SocketIOClient.self) { group in
                for node in nodes { group.addTask { try await node.comeBack(recovery) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // Who comes later may take over from who came first on the same node; nobody has it at the same time as another.
            let lasting = clients.filter(\.session.recovered)
            #expect(!lasting.isEmpty)
            #expect(Set(clients.filter { !$0.session.recovered }.map(\.session.id)).count == clients.count - lasting.count)
            for client in clients + [thief] { await client.disconnect() }
        }
    }

    @Test func whoLeavesForGoodLeavesNothing() async throws {
        try await TestCluster.run { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            var recovery: SocketIORecovery?
            try await written(a) {
                let client = try await a.connect()
                try await client.joined("trade:BTC-USDC")
                recovery = await client.recovery()
                await client.disconnect()
            }
            let again = try await b.comeBack(try #require(recovery))
            #expect(!again.session.recovered)
            await again.disconnect()
        }
    }

    @Test func aNodeThatHasNotReadAsFarSaysSo() async throws {
        try await TestCluster.run {
            $0.recovery?.sourcePatience = .milliseconds(50)
        } _: { cluster in
            let (a, b) = (cluster.nodes[0], cluster.nodes[1])
            let client = try await a.connect()
            var recovery = try await a.lose(client)
            var sources = SourcePositions(count: 3)
            sources.advance(to: SourcePlace(source: 0, id: SourceID(milliseconds: .max, number: 0)))
            recovery.offset = RecoveryOffset(sources: sources).text
            let again = try await b.comeBack(recovery)
            #expect(!again.session.recovered)
            #expect(try await b.metric(#"moonx_recovery_sessions_refused_total{reason="behind"}"#) == 1)
            await again.disconnect()
        }
    }
}

extension SourcePositions {
    /// As a version of the server would write them that knew so many sources.
    fileprivate func first(_ count: Int) -> SourcePositions {
        var positions = SourcePositions(count: count)
        for source in 0..<count { positions.advance(to: SourcePlace(source: source, id: self[source])) }
        return positions
    }
}
