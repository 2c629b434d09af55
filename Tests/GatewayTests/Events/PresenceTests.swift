import GatewayDomain
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Store
import Testing

@testable import Gateway

@Suite("Presence", .timeLimit(.minutes(1)))
struct PresenceTests {
    private func run(linger: Duration = .milliseconds(50), _ body: (TestGateway) async throws -> Void) async throws {
        try await TestGateway.run(
            {
                #expect($0.presenceLinger == .seconds(5))
                $0.presenceLinger = linger
            },
            body
        )
    }

    /// Subscribes to Bob and gives his status and when he was last seen.
    private func subscribe(_ client: SocketIOClient) async throws -> (status: String?, lastSeen: Int64?) {
        _ = try await client.ask("presence_subscribe", #"{"userIds":["bob-000002"]}"#)
        let states = try await client.next("presence_subscribed").raw("states").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let state = try JSONObject(Array(states.dropFirst().dropLast().utf8))
        #expect(state.string("userId") == TestGateway.bob)
        return (state.string("status"), state.integer("lastSeen"))
    }

    private func update(_ client: SocketIOClient) async throws -> (status: String?, lastSeen: Int64?) {
        let update = try await client.next("presence_update")
        #expect(update.string("userId") == TestGateway.bob)
        return (update.string("status"), update.integer("lastSeen"))
    }

    /// Waits until the node holds as many users.
    private func present(_ gateway: TestGateway, _ count: Int) async throws {
        while try await gateway.metric("moonx_users_present") != count { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func theStatesComeFirstThenTheChanges() async throws {
        try await run { gateway in
            let alice = try await gateway.connect()
            try await present(gateway, 1)
            let payload = #"{"userIds":["bob-000002","alice-0001","bob-000002"]}"#
            let answer = try await alice.ask("presence_subscribe", payload)
            let unknown = #"{"userId":"bob-000002","status":"offline","lastSeen":null}"#
            #expect(answer.hasPrefix("{\"ok\":true,\"states\":[\(unknown),{\"userId\":\"alice-0001\",\"status\":\"online\",\"lastSeen\":"))
            #expect(try await alice.next().hasPrefix("presence_subscribed {\"states\":[\(unknown),"))
            let devices = [try await gateway.connect(TestGateway.bob), try await gateway.connect(TestGateway.bob)]
            #expect(try await update(alice).status == "online")
            for status in ["away", "busy", "online"] {
                #expect(try await devices[0].ask("set_presence", "{\"status\":\"\(status)\"}") == "{\"ok\":true,\"status\":\"\(status)\"}")
                #expect(try await update(alice).status == status)
            }
            // Two devices are one presence: the first to go is not seen.
            await devices[0].disconnect()
            let before = WallClock.milliseconds()
            await devices[1].disconnect()
            let gone = try await update(alice)
            #expect(gone.status == "offline")
            #expect(try #require(gone.lastSeen) >= before - 1)
            await alice.disconnect()
        }
    }

    @Test func whoComesBackInTimeWasNeverGone() async throws {
        try await run(linger: .seconds(60)) { gateway in
            let alice = try await gateway.connect()
            let first = try await gateway.connect(TestGateway.bob)
            try await present(gateway, 2)
            #expect(try await subscribe(alice).status == "online")
            await first.disconnect()
            let second = try await gateway.connect(TestGateway.bob)
            _ = try await second.ask("set_presence", #"{"status":"away"}"#)
            #expect(try await update(alice).status == "away")
            await second.disconnect()
            await alice.disconnect()
        }
    }

    @Test func theInvisibleShowsAsOfflineWithTheEarlierTime() async throws {
        try await run { gateway in
            let alice = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            try await present(gateway, 2)
            _ = try await subscribe(alice)
            _ = try await bob.ask("set_presence", #"{"status":"invisible"}"#)
            let hidden = try await update(alice)
            #expect(hidden.status == "offline")
            // He goes and comes back, and nobody sees it.
            await bob.disconnect()
            try await present(gateway, 1)
            let again = try await gateway.connect(TestGateway.bob)
            try await present(gateway, 2)
            let state = try await subscribe(alice)
            #expect(state.status == "offline")
            #expect(state.lastSeen == hidden.lastSeen)
            _ = try await again.ask("set_presence", #"{"status":"online"}"#)
            #expect(try await update(alice).status == "online")
            await again.disconnect()
            await alice.disconnect()
        }
    }

    @Test func whenAUserWasLastSeenIsRememberedOverARestart() async throws {
        let store = try SQLiteMailbox(.memory, now: WallClock.milliseconds)
        func configure(_ configuration: inout GatewayConfiguration) {
            configuration.lastSeen = store
            configuration.messages = store
        }
        let before = WallClock.milliseconds()
        try await TestGateway.run(configure) { gateway in
            let bob = try await gateway.connect(TestGateway.bob)
            try await present(gateway, 1)
            await bob.disconnect()
        }
        let after = WallClock.milliseconds()
        try await TestGateway.run(configure) { gateway in
            let alice = try await gateway.connect()
            let state = try await subscribe(alice)
            #expect(state.status == "offline")
            #expect((before...after).contains(try #require(state.lastSeen)))
            await alice.disconnect()
        }
    }

    /// As it would be found after a crash, in which nobody sees anybody go.
    @Test func whoIsInvisibleIsWrittenDownAtOnce() async throws {
        let store = try SQLiteMailbox(.memory, now: WallClock.milliseconds)
        try await TestGateway.run {
            $0.lastSeen = store
        } _: { gateway in
            let bob = try await gateway.connect(TestGateway.bob)
            let user = try #require(UserID(TestGateway.bob))
            for (status, isInvisible) in [("invisible", true), ("online", false)] {
                #expect(try await bob.ask("set_presence", #"{"status":"\#(status)"}"#).contains("\"ok\":true"))
                #expect(try await store.absences(of: [user])[user]?.isInvisible == isInvisible)
            }
            await bob.disconnect()
        }
    }

    @Test func unsubscribingEndsTheChanges() async throws {
        try await run { gateway in
            let alice = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            try await present(gateway, 2)
            _ = try await subscribe(alice)
            #expect(try await alice.ask("presence_unsubscribe", #"{"userIds":["bob-000002","nobody-001"]}"#) == #"{"ok":true}"#)
            _ = try await bob.ask("set_presence", #"{"status":"away"}"#)
            #expect(try await subscribe(alice).status == "away")
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test func asManyUsersAsTheLimitSays() async throws {
        try await TestGateway.run {
            #expect($0.limits.watchedUsersPerConnection == 100)
            $0.limits.watchedUsersPerConnection = 3
            $0.limits.roomsPerConnection = 1
        } _: { gateway in
            let alice = try await gateway.connect()
            func watch(_ users: [Int]) -> String { "{\"userIds\":[\(users.map { "\"user-000\($0)\"" }.joined(separator: ","))]}" }
            #expect(try await alice.ask("presence_subscribe", watch([1, 2])).hasPrefix("{\"ok\":true,"))
            #expect(try await alice.refusal("presence_subscribe", watch([3, 4])) == "ROOM_LIMIT")
            #expect(try await alice.ask("presence_subscribe", watch([1, 2, 3])).hasPrefix("{\"ok\":true,"))
            #expect(try await alice.refusal("presence_subscribe", watch([4])) == "ROOM_LIMIT")
            #expect(try await alice.ask("presence_unsubscribe", watch([1])) == #"{"ok":true}"#)
            #expect(try await alice.ask("presence_subscribe", watch([4])).hasPrefix("{\"ok\":true,"))
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"watched_users\"}") == 2)
            // They take no place among the rooms.
            for _ in 0..<3 { _ = try await alice.next("presence_subscribed") }
            try await alice.joined("price:BTC-USDC")
            #expect(try await alice.refusal("join_room", #"{"room":"price:ETH-USDC"}"#) == "ROOM_LIMIT")
            await alice.disconnect()
        }
    }

    @Test(arguments: [
        ("presence_subscribe", "{}"), ("presence_subscribe", #"{"userIds":[]}"#), ("presence_subscribe", #"{"userIds":["short"]}"#),
        ("presence_subscribe", #"{"userIds":"bob-000002"}"#), ("presence_unsubscribe", "{}"), ("set_presence", "{}"),
        ("set_presence", #"{"status":"offline"}"#), ("set_presence", #"{"status":1}"#),
    ])
    func payloadsHaveAForm(_ event: String, _ payload: String) async throws {
        try await run { gateway in
            let alice = try await gateway.connect()
            #expect(try await alice.refusal(event, payload) == "INVALID_MESSAGE")
            await alice.disconnect()
        }
    }
}
