import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("GatewayServer", .timeLimit(.minutes(1)))
struct GatewayServerTests {
    @Test func isHealthyAndReadyUntilItShutsDown() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.get("/health").body == #"{"status":"ok"}"#)
            #expect(try await gateway.get("/ready").status == 200)
            #expect(gateway.server.readiness.isReady)
            let client = try await gateway.connect()
            await gateway.server.shutdown(gateway.listener)
            #expect(!gateway.server.readiness.isReady)
            // The transport is closed without a DISCONNECT, so that stock clients come back.
            #expect(try await client.end() == .transportClose)
        }
    }

    /// As the market of `moonx up` does on a busy machine.
    @Test func whatIsPublishedBeforeTheStartIsALastValueLikeAnyOther() async throws {
        let price = #"{"type":"price_update","symbol":"BTC-USDC","data":{"n":7}}"#
        try await TestGateway.run(beforeStart: { try await $0.publish(json: price) }) { gateway in
            let everything = try await gateway.connect(TestGateway.bob)
            _ = try await everything.ask("subscribe", #"{"types":["price_updates"]}"#)
            _ = try await everything.event("subscribed", within: .seconds(30))
            try await gateway.server.publish(json: price)
            #expect(try await everything.next("price_update").integer("seq") == 2)
            let member = try await gateway.connect()
            try await member.joined("price:BTC-USDC")
            #expect(try await member.next("price_update").integer("n") == 7)
            try await gateway.server.publish(json: price)
            #expect(try await member.next("price_update").integer("seq") == 3)
            await everything.disconnect()
            await member.disconnect()
        }
    }

    @Test func otherNamespacesAreInvalid() async throws {
        try await TestGateway.run { gateway in
            let error = await #expect(throws: SocketIOConnectError.self) {
                try await SocketIOClient.connect(url: gateway.url, namespace: "/admin")
            }
            #expect(error?.message == "Invalid namespace")
        }
    }

    @Test func theDashboardIsServedUnlessTurnedOff() async throws {
        try await TestGateway.run { gateway in
            for (path, status) in [("/", 200), ("/dashboard/nothing.js", 404), ("/nothing", 404)] {
                let answer = try await gateway.get(path)
                #expect(answer.status == status, "\(path)")
            }
        }
        try await TestGateway.run {
            $0.servesDashboard = false
        } _: { gateway in
            let answer = try await gateway.get("/")
            #expect(answer.status == 404)
        }
    }

    @Test func theMetricsMove() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.metric("moonx_connections") == 0)
            #expect(try await gateway.metric("moonx_rooms_with_members") == 0)
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await gateway.server.publish(json: #"{"type":"price_update","symbol":"BTC-USDC","data":{"seq":1}}"#)
            _ = try await client.next("price_update")
            _ = try await client.refusal("join_room", "{}")
            let expected = [
                "moonx_sessions{transport=\"websocket\"}": 1, "moonx_sessions{transport=\"polling\"}": 0, "moonx_sessions_opened_total": 1,
                "moonx_connections": 1, "moonx_connections_limit": 100_000, "moonx_clients_connected_total": 1, "moonx_rooms": 1,
                "moonx_rooms_with_members": 1, "moonx_events_published_total{type=\"price_update\"}": 1,
                "moonx_events_published_total{type=\"system_alert\"}": 0, "moonx_events_routed_total": 1,
                "moonx_event_members_dropped_total": 1, "moonx_errors_total{code=\"INVALID_MESSAGE\"}": 1,
            ]
            for (name, value) in expected { #expect(try await gateway.metric(name) == value, "\(name)") }
            // CONNECT, the join, the refused join.
            #expect(try await gateway.metric("moonx_messages_received_total") == 3)
            let stats = try await gateway.get("/stats", token: TestGateway.serviceToken)
            #expect(stats.status == 200)
            let object = try JSONObject(Array(stats.body.utf8))
            #expect(object.integer("connections") == 1)
            #expect(object.integer("eventsPublished") == 1)
            #expect(object.bool("ready") == true)
            await client.disconnect()
            #expect(try await gateway.metric("moonx_connections") == 0)
            #expect(try await gateway.metric("moonx_rooms_with_members") == 0)
            #expect(try await gateway.metric("moonx_sessions{transport=\"websocket\"}") == 0)
        }
    }

    @Test func everyMetricHasHelpAndTypeOnce() async throws {
        try await TestGateway.run { gateway in
            let lines = try await gateway.get("/metrics").body.split(separator: "\n")
            let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
            #expect(Set(types).count == types.count)
            #expect(lines.filter { $0.hasPrefix("# HELP ") }.map { $0.split(separator: " ")[2] } == types)
            for line in lines where !line.hasPrefix("#") {
                #expect(types.contains(line.prefix { $0 != "{" && $0 != " " }), "\(line)")
            }
        }
    }
}
