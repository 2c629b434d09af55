import GatewayDomain
import JSONScan
import NIOHTTP1
import SocketIOClient
import Testing

@testable import Gateway

@Suite("HandshakeAuthenticator", .timeLimit(.minutes(1)))
struct HandshakeTests {
    private func connect(_ gateway: TestGateway, auth: String? = nil, header: String? = nil) async throws -> SocketIOClient {
        var options = TestGateway.patience
        if let header { options.headers.add(name: "Authorization", value: header) }
        return try await SocketIOClient.connect(url: gateway.url, auth: auth, options: options)
    }

    private func refusal(_ gateway: TestGateway, auth: String? = nil, header: String? = nil) async -> SocketIOConnectError? {
        await #expect(throws: SocketIOConnectError.self) { try await connect(gateway, auth: auth, header: header) }
    }

    @Test func aGoodTokenIsGreeted() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.token(TestGateway.alice)
            let client = try await connect(gateway, auth: "{\"token\":\"\(token)\"}")
            let connected = try await client.next("connected")
            #expect(connected.string("connectionId") == client.session.id)
            #expect(connected.string("serverVersion") == GatewayVersion.current)
            #expect(try #require(connected.integer("timestamp")) > 1_700_000_000_000)
            #expect(try await client.next() == #"authenticated {"user":{"id":"alice-0001"}}"#)
            await client.disconnect()
        }
    }

    @Test func theHeaderCountsWhereAuthHasNoToken() async throws {
        try await TestGateway.run { gateway in
            let alice = try await gateway.token(TestGateway.alice)
            let bob = try await gateway.token(TestGateway.bob)
            for auth in [nil, "{}", #"{"token":null}"#, #"{"token":""}"#] {
                let client = try await connect(gateway, auth: auth, header: "Bearer \(alice)")
                _ = try await client.next("connected")
                #expect(try await client.next() == #"authenticated {"user":{"id":"alice-0001"}}"#)
                await client.disconnect()
            }
            let client = try await connect(gateway, auth: "{\"token\":\"\(bob)\"}", header: "Bearer \(alice)")
            _ = try await client.next("connected")
            #expect(try await client.next() == #"authenticated {"user":{"id":"bob-000002"}}"#)
            await client.disconnect()
            // A bad token in auth is refused, whatever the header says.
            #expect(await refusal(gateway, auth: #"{"token":"bad"}"#, header: "Bearer \(alice)")?.code == "AUTH_FAILED")
        }
    }

    @Test(
        arguments: [
            (nil, nil, "AUTH_REQUIRED"), ("{}", nil, "AUTH_REQUIRED"), (#"{"token":""}"#, nil, "AUTH_REQUIRED"),
            (#"{"token":1}"#, nil, "AUTH_FAILED"), (#"{"token":{"a":1}}"#, nil, "AUTH_FAILED"), (#"{"token":"x.y.z"}"#, nil, "AUTH_FAILED"),
            (nil, "Basic YTpi", "AUTH_REQUIRED"), (nil, "Bearer", "AUTH_REQUIRED"), (nil, "Bearer ", "AUTH_REQUIRED"),
            (nil, "Bearer nonsense", "AUTH_FAILED"),
        ] as [(String?, String?, String)]
    )
    func whatIsRefused(_ auth: String?, _ header: String?, _ code: String) async throws {
        try await TestGateway.run { gateway in
            let error = await refusal(gateway, auth: auth, header: header)
            #expect(error?.code == code)
            #expect(error?.message.hasPrefix("401 ") == true)
            #expect(error?.json.contains("retryAfter") == false)
            let counted = try await gateway.metric("moonx_errors_total{code=\"\(code)\"}")
            #expect(counted == 1)
        }
    }

    @Test func anExpiredTokenIsToldApart() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.token(TestGateway.alice, lifetime: .milliseconds(1))
            let error = await refusal(gateway, auth: "{\"token\":\"\(token)\"}")
            #expect(error?.code == "TOKEN_EXPIRED")
            #expect(error?.message.hasPrefix("401 ") == true)
        }
    }

    @Test func guestsHaveMarketRoomsOnly() async throws {
        try await TestGateway.run {
            $0.allowsGuests = true
        } _: { gateway in
            let guest = try await connect(gateway)
            _ = try await guest.next("connected")
            // `authenticated` does not come: the next event is the answer.
            try await guest.emit("join_room", json: #"{"room":"price:BTC-USDC"}"#)
            #expect(try await guest.next() == #"room_joined {"room":"price:BTC-USDC"}"#)
            for room in ["user:alice-0001", "portfolio:alice-0001", "orders:alice-0001", "group:somebodies"] {
                #expect(try await guest.refusal("join_room", "{\"room\":\"\(room)\"}") == "AUTH_REQUIRED")
            }
            for event in ["subscribe_portfolio", "subscribe_orders"] { #expect(try await guest.refusal(event, "{}") == "AUTH_REQUIRED") }
            await guest.disconnect()
            // An empty token is none, a bad one is a bad one.
            for auth in [#"{"token":""}"#, #"{"token":null}"#] {
                let guest = try await connect(gateway, auth: auth)
                _ = try await guest.next("connected")
                #expect(try await guest.refusal("subscribe_orders", "{}") == "AUTH_REQUIRED")
                await guest.disconnect()
            }
            for auth in [#"{"token":"bad"}"#, #"{"token":" "}"#, #"{"token":0}"#] {
                #expect(await refusal(gateway, auth: auth)?.code == "AUTH_FAILED")
            }
            let client = try await gateway.connect()
            try await client.joined("user:alice-0001")
            await client.disconnect()
        }
    }

    @Test func aRevokedUserIsSentAway() async throws {
        try await TestGateway.run { gateway in
            let alice = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            let user = try #require(UserID(TestGateway.alice))
            gateway.server.revoked(Revocation(subject: .user(user), revokedAt: .max, expiresAt: .max))
            #expect(try await alice.end() == .serverDisconnect)
            #expect(try await bob.ask("ping").hasPrefix(#"{"ok":true"#))
            await bob.disconnect()
        }
    }
}
