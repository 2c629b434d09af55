import AccessToken
import GatewayDomain
import JSONScan
import SocketIO
import SocketIOClient
import SocketIOCore
import Synchronization
import Testing

@testable import Gateway

/// Clients that lose their connection and come back, against the real gateway.
@Suite("Connection state recovery of the gateway", .timeLimit(.minutes(1)))
struct SessionRecoveryTests {
    private func publish(_ gateway: TestGateway, _ type: String, _ number: Int, _ more: String = #","symbol":"BTC-USDC""#) async throws {
        try await gateway.server.publish(json: #"{"type":"\#(type)"\#(more),"data":{"n":\#(number)},"timestamp":1}"#)
    }

    /// The name and number of the next event; `snapshot` where it is one.
    private func next(_ client: SocketIOClient) async throws -> String {
        let event = try await client.event(nil, within: .seconds(30))
        let payload = event.arguments.object(0)
        let isSnapshot = payload?.bool("snapshot") == true ? " snapshot" : ""
        return "\(event.name)\(payload?.integer("n").map { " \($0)" } ?? "")\(isSnapshot)"
    }

    @Test func whatWasMissedComesOnceAndInOrderThenSnapshots() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            for room in ["trade:BTC-USDC", "price:BTC-USDC", "orders:alice-0001", "user:alice-0001"] { try await client.joined(room) }
            try await publish(gateway, "price_update", 0)
            #expect(try await next(client) == "price_update 0")
            try await publish(gateway, "trade_notification", 1)
            #expect(try await next(client) == "trade_notification 1")

            let recovery = try await gateway.lose(client)
            try await publish(gateway, "trade_notification", 2)
            try await publish(gateway, "trade_notification", 3, #","symbol":"ETH-USDC""#)
            // Public and personal copy.
            try await publish(gateway, "trade_notification", 4, #","symbol":"BTC-USDC","userId":"alice-0001""#)
            try await publish(gateway, "price_update", 5)
            try await publish(gateway, "order_update", 6, #","userId":"alice-0001""#)
            try await publish(gateway, "order_update", 7, #","userId":"bob-000002""#)
            try await publish(gateway, "system_alert", 8, "")

            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered)
            #expect(again.session.id == client.session.id)
            var events: [String] = []
            while events.last != "price_update 5 snapshot" { events.append(try await next(again)) }
            let missed = ["trade_notification 2", "trade_notification 4", "trade_notification 4", "order_update 6", "system_alert 8"]
            #expect(events == missed + ["connected", "authenticated", "price_update 5 snapshot"])
            // And on from there.
            try await publish(gateway, "trade_notification", 9)
            try await publish(gateway, "price_update", 10)
            #expect(try await next(again) == "trade_notification 9")
            #expect(try await next(again) == "price_update 10")
            #expect(try await gateway.metric("moonx_recovery_sessions_restored_total") == 1)
            #expect(try await gateway.metric("moonx_recovery_replayed_total") == 5)
            #expect(try #require(try await gateway.metric("moonx_recovery_log_bytes")) > 0)
            await again.disconnect()
        }
    }

    @Test func onlyWhatMayNotBeMissedHasAnOffset() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let other = try await gateway.connect(TestGateway.bob)
            for room in ["trade:BTC-USDC", "price:BTC-USDC", "group:traders-1"] { try await client.joined(room) }
            try await other.joined("group:traders-1")
            _ = try await client.ask("presence_subscribe", #"{"userIds":["bob-000002"]}"#)
            func arguments(of name: String) async throws -> Int { try await client.event(name, within: .seconds(30)).arguments.count }
            #expect(try await arguments(of: "presence_subscribed") == 1)
            try await publish(gateway, "trade_notification", 1)
            #expect(try await arguments(of: "trade_notification") == 2)
            try await publish(gateway, "system_alert", 1, "")
            #expect(try await arguments(of: "system_alert") == 2)
            _ = try await other.ask("room_message", #"{"room":"group:traders-1","message":"hi"}"#)
            #expect(try await arguments(of: "room_message") == 2)
            try await publish(gateway, "price_update", 1)
            #expect(try await arguments(of: "price_update") == 1)
            try await publish(gateway, "notification", 1, #","userId":"alice-0001","id":"n1""#)
            #expect(try await arguments(of: "notification") == 1)
            _ = try await other.ask("direct_message", #"{"to":"alice-0001","message":"hi"}"#)
            #expect(try await arguments(of: "direct_message") == 1)
            _ = try await other.ask("set_presence", #"{"status":"away"}"#)
            #expect(try await arguments(of: "presence_update") == 1)
            await client.disconnect()
            await other.disconnect()
        }
    }

    @Test func anotherUserDoesNotGetTheSessionAndItsOwnerStillDoes() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("user:alice-0001")
            let recovery = try await gateway.lose(client)
            try await publish(gateway, "trade_notification", 1, #","symbol":"BTC-USDC","userId":"alice-0001""#)
            let thief = try await gateway.comeBack(recovery, user: TestGateway.bob)
            #expect(!thief.session.recovered)
            #expect(thief.session.id != client.session.id)
            #expect(try await next(thief) == "connected")
            #expect(try await gateway.metric(#"moonx_recovery_sessions_refused_total{reason="refused"}"#) == 1)
            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered)
            #expect(try await next(again) == "trade_notification 1")
            await thief.disconnect()
            await again.disconnect()
        }
    }

    @Test(arguments: [true, false])
    func aRevokedTokenEndsTheSessionWhicheverOfTheTwoItIs(_ isOld: Bool) async throws {
        let revoked = Mutex<Set<String>>([])
        try await TestGateway.run(isRevoked: { token in revoked.withLock { $0.contains(token.tokenID?.rawValue ?? "") } }) { gateway in
            let old = try await gateway.issuer.issue(userID: #require(UserID(TestGateway.alice)), lifetime: .seconds(900))
            let client = try await SocketIOClient.connect(
                url: gateway.url,
                auth: "{\"token\":\"\(old.token)\"}",
                options: TestGateway.patience
            )
            let recovery = try await gateway.lose(client)
            let new = try await gateway.issuer.issue(userID: #require(UserID(TestGateway.alice)), lifetime: .seconds(900))
            revoked.withLock { _ = $0.insert(isOld ? old.tokenID : new.tokenID) }
            if isOld {
                let again = try await SocketIOClient.connect(url: gateway.url, auth: "{\"token\":\"\(new.token)\"}", recovery: recovery)
                #expect(!again.session.recovered)
                await again.disconnect()
            } else {
                await #expect(throws: SocketIOConnectError.self) {
                    _ = try await SocketIOClient.connect(url: gateway.url, auth: "{\"token\":\"\(new.token)\"}", recovery: recovery)
                }
            }
            #expect(try await gateway.metric("moonx_recovery_sessions_restored_total") == 0)
        }
    }

    @Test func aRoomThatTheNewTokenDoesNotOpenIsLeftAndNothingOfItComes() async throws {
        try await TestGateway.run({ $0.roomPolicy = RoomPolicy(groups: .claims) }) { gateway in
            let client = try await gateway.connect(groups: ["traders-1", "friends-1"])
            for room in ["group:traders-1", "group:friends-1"] { try await client.joined(room) }
            let other = try await gateway.connect(TestGateway.bob, groups: ["traders-1", "friends-1"])
            for room in ["group:traders-1", "group:friends-1"] { try await other.joined(room) }
            let recovery = try await gateway.lose(client)
            for group in ["traders-1", "friends-1"] {
                _ = try await other.ask("room_message", #"{"room":"group:\#(group)","message":"to \#(group)"}"#)
            }
            let again = try await gateway.comeBack(recovery, groups: ["friends-1"])
            #expect(again.session.recovered)
            #expect(try await again.next("room_message").string("message") == "to friends-1")
            _ = try await again.next("connected")
            _ = try await again.next("authenticated")
            #expect(try await again.next("room_left").string("room") == "group:traders-1")
            await again.disconnect()
            await other.disconnect()
        }
    }

    @Test func afterTheWindowThereIsANewSession() async throws {
        try await TestGateway.run({ $0.recovery?.window = .milliseconds(20) }) { gateway in
            let recovery = try await gateway.lose(try await gateway.connect())
            try await Task.sleep(for: .milliseconds(40))
            let again = try await gateway.comeBack(recovery)
            #expect(!again.session.recovered)
            #expect(try await gateway.metric(#"moonx_recovery_sessions_refused_total{reason="unknownSession"}"#) == 1)
            await again.disconnect()
        }
    }

    @Test func withoutAWindowThereAreNoSessionsAndNoOffsets() async throws {
        try await TestGateway.run({ $0.recovery = nil }) { gateway in
            let client = try await gateway.connect()
            #expect(client.session.pid == nil)
            try await client.joined("trade:BTC-USDC")
            try await publish(gateway, "trade_notification", 1)
            #expect(try await client.event("trade_notification", within: .seconds(30)).arguments.count == 1)
            await client.disconnect()
        }
    }

    @Test func theEndOfTheGracePeriodIsNoEndOfTheSession() async throws {
        try await TestGateway.run({ $0.tokenGrace = .milliseconds(100) }) { gateway in
            let client = try await gateway.connect(lifetime: .seconds(5))
            try await client.joined("trade:BTC-USDC")
            _ = try await client.end()
            try await publish(gateway, "trade_notification", 1)
            let again = try await gateway.comeBack(try #require(await client.recovery()))
            #expect(again.session.recovered)
            #expect(try await next(again) == "trade_notification 1")
            await again.disconnect()
        }
    }

    @Test func whoComesBackBeforeItsLossIsNoticedGetsTheSession() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("trade:BTC-USDC")
            let again = try await gateway.comeBack(try #require(await client.recovery()))
            #expect(again.session.recovered)
            #expect(try await gateway.metric("moonx_recovery_sessions_superseded_total") == 1)
            _ = try await again.event("authenticated", within: .seconds(30))
            try await publish(gateway, "trade_notification", 1)
            #expect(try await next(again) == "trade_notification 1")
            await again.disconnect()
        }
    }

    /// What members of groups write has a quarter of the log, and trades the rest.
    @Test func whatIsWrittenInAGroupHasNoTradesForgotten() async throws {
        try await TestGateway.run({ $0.recovery?.maxLogBytes = 20_000 }) { gateway in
            let client = try await gateway.connect()
            let writer = try await gateway.connect(TestGateway.bob)
            try await client.joined("trade:BTC-USDC")
            try await writer.joined("group:my-group-1")
            let recovery = try await gateway.lose(client)
            try await publish(gateway, "trade_notification", 1)
            let message = "{\"roomId\":\"my-group-1\",\"message\":\"\(String(repeating: "x", count: 3_000))\"}"
            for _ in 0..<6 { #expect(try await writer.ask("room_message", message).contains("true")) }
            #expect(try #require(try await gateway.metric("moonx_recovery_log_bytes")) < 10_000)
            #expect(try await gateway.metric("moonx_recovery_log_evicted_total") == 5)
            let again = try await gateway.comeBack(recovery)
            #expect(again.session.recovered)
            #expect(try await next(again) == "trade_notification 1")
            for client in [again, writer] { await client.disconnect() }
        }
    }

    @Test func whereTheGatewayHadToForgetARoomTheSessionIsNotGivenBack() async throws {
        try await TestGateway.run({ $0.router.maxEmptyRooms = 1 }) { gateway in
            let client = try await gateway.connect()
            try await client.joined("trade:BTC-USDC")
            let recovery = try await gateway.lose(client)
            try await publish(gateway, "price_update", 1, #","symbol":"ETH-USDC""#)
            try await publish(gateway, "trade_notification", 2)
            let again = try await gateway.comeBack(recovery)
            #expect(!again.session.recovered)
            await again.disconnect()
        }
    }
}
