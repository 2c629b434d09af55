import GatewayDomain
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("TokenExpiry and Authenticate", .timeLimit(.minutes(1)))
struct TokenExpiryTests {
    @Test func afterTheGracePeriodTheTransportIsClosedWithoutADisconnect() async throws {
        try await TestGateway.run {
            $0.tokenGrace = .milliseconds(200)
        } _: { gateway in
            let client = try await gateway.connect(lifetime: .seconds(6))
            #expect(try await client.next() == "token_expired {}")
            #expect(try await client.end() == .transportClose)
            // The same once more on the wire: no `41` before the close frame.
            let token = try await gateway.token(TestGateway.alice, lifetime: .seconds(6))
            let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket")
            try await socket.send(text: "40{\"token\":\"\(token)\"}")
            for _ in 0..<4 { _ = try await socket.receiveText(within: .seconds(30)) }
            #expect(try await socket.receiveText(within: .seconds(30)) == #"42["token_expired",{}]"#)
            #expect(try await socket.receive(within: .seconds(30)) == .close(code: nil))
        }
    }

    @Test func whoRenewsInTheGracePeriodStays() async throws {
        try await TestGateway.run {
            $0.tokenGrace = .seconds(8)
        } _: { gateway in
            let careful = try await gateway.connect(lifetime: .seconds(6))
            let careless = try await gateway.connect(TestGateway.bob, lifetime: .seconds(6))
            #expect(try await careful.next() == "token_expired {}")
            let token = try await gateway.token(TestGateway.alice)
            #expect(try await careful.ask("authenticate", "{\"token\":\"\(token)\"}") == #"{"ok":true,"user":{"id":"alice-0001"}}"#)
            #expect(try await careful.next() == #"authenticated {"user":{"id":"alice-0001"}}"#)
            #expect(try await careless.end() == .transportClose)
            #expect(try await careful.ask("ping").hasPrefix(#"{"ok":true"#))
            await careful.disconnect()
        }
    }

    @Test func whoRenewsBeforehandIsAskedAgainByTheNewTokensTime() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect(lifetime: .seconds(600))
            let token = try await gateway.token(TestGateway.alice, lifetime: .seconds(6))
            _ = try await client.ask("authenticate", "{\"token\":\"\(token)\"}")
            _ = try await client.next("authenticated")
            #expect(try await client.next() == "token_expired {}")
            await client.disconnect()
        }
    }

    @Test func aTokenThatIsNotGoodIsAnAuthErrorAndChangesNothing() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let foreign = try await gateway.token(TestGateway.bob)
            let expired = try await gateway.token(TestGateway.alice, lifetime: .milliseconds(1))
            for (token, code) in [(foreign, "AUTH_FAILED"), (expired, "TOKEN_EXPIRED"), ("nonsense", "AUTH_FAILED")] {
                #expect(try await client.refusal("authenticate", "{\"token\":\"\(token)\"}") == code)
                let error = try await client.next("auth_error")
                #expect(error.string("code") == code)
                #expect(error.string("error")?.isEmpty == false)
            }
            for (payload, code) in [("{}", "AUTH_REQUIRED"), (#"{"token":null}"#, "AUTH_REQUIRED"), (#"{"token":7}"#, "AUTH_FAILED")] {
                #expect(try await client.refusal("authenticate", payload) == code)
                #expect(try await client.next("auth_error").string("code") == code)
            }
            #expect(try await client.refusal("authenticate", #""a token""#) == "INVALID_MESSAGE")
            #expect(try await client.refusal("join_room", #"{"room":"user:bob-000002"}"#) == "ACCESS_DENIED")
            try await client.joined("user:alice-0001")
            await client.disconnect()
        }
    }

    @Test func roomsAreLookedAtAgain() async throws {
        try await TestGateway.run {
            $0.roomPolicy.groups = .claims
        } _: { gateway in
            let client = try await gateway.connect(groups: ["first-group", "other-group"])
            for room in ["group:first-group", "group:other-group", "price:BTC-USDC", "user:alice-0001"] { try await client.joined(room) }
            let token = try await gateway.token(TestGateway.alice, groups: ["other-group"])
            _ = try await client.ask("authenticate", "{\"token\":\"\(token)\"}")
            _ = try await client.next("authenticated")
            #expect(try await client.next() == #"room_left {"room":"group:first-group"}"#)
            #expect(try await client.refusal("join_room", #"{"room":"group:first-group"}"#) == "ACCESS_DENIED")
            #expect(try await gateway.metric("moonx_rooms_with_members") == 3)
            await client.disconnect()
        }
    }
}
