import GatewayDomain
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Limits of a real gateway", .timeLimit(.minutes(1)))
struct GatewayLimitsTests {
    private func refusal(_ connect: () async throws -> SocketIOClient) async -> SocketIOConnectError? {
        await #expect(throws: SocketIOConnectError.self) { try await connect() }
    }

    @Test func connectionsOfAUser() async throws {
        try await TestGateway.run {
            $0.limits.connectionsPerUser = 2
        } _: { gateway in
            let first = try await gateway.connect()
            let second = try await gateway.connect()
            let error = await refusal { try await gateway.connect() }
            #expect(error?.message.hasPrefix("429 ") == true)
            #expect(error?.code == "CONNECTION_LIMIT")
            #expect(error?.json.hasSuffix(#""data":{"code":"CONNECTION_LIMIT","retryAfter":5}}"#) == true)
            let bob = try await gateway.connect(TestGateway.bob)
            #expect(try await gateway.metric("moonx_connections") == 3)
            #expect(try await gateway.metric("moonx_errors_total{code=\"CONNECTION_LIMIT\"}") == 1)
            await bob.disconnect()
            await first.disconnect()
            // The place is free once the server has seen the end: the same client on the same connection is the proof.
            let third = try await gateway.connect()
            await second.disconnect()
            await third.disconnect()
        }
    }

    @Test func connectionsOfAnAddressAreCountedAfterADisconnectPacketToo() async throws {
        try await TestGateway.run {
            $0.limits.connectionsPerAddress = 1
        } _: { gateway in
            let token = try await gateway.token(TestGateway.alice)
            let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket")
            _ = try await socket.receiveText(within: .seconds(30))
            for _ in 0..<2 {
                try await socket.send(text: "40{\"token\":\"\(token)\"}")
                #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40{"))
                #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix(#"42["connected""#))
                #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix(#"42["authenticated""#))
                #expect(await refusal { try await gateway.connect(TestGateway.bob) }?.code == "CONNECTION_LIMIT")
                try await socket.send(text: "41")
            }
            await socket.abort()
        }
    }

    @Test func handshakes() async throws {
        try await TestGateway.run {
            $0.limits.handshakes = TokenBucket.Rule(rate: 0.001, burst: 1)
        } _: { gateway in
            let client = try await gateway.connect()
            let error = await refusal { try await gateway.connect(TestGateway.bob) }
            #expect(error?.message.hasPrefix("429 ") == true)
            #expect(error?.code == "RATE_LIMITED")
            #expect(error?.json.contains("\"retryAfter\":") == true)
            await client.disconnect()
        }
    }

    @Test func rooms() async throws {
        try await TestGateway.run {
            $0.limits.roomsPerConnection = 2
        } _: { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await client.joined("trade:BTC-USDC")
            #expect(try await client.refusal("join_room", #"{"room":"chart:BTC"}"#) == "ROOM_LIMIT")
            #expect(try await client.refusal("subscribe_orders", "{}") == "ROOM_LIMIT")
            try await client.joined("price:BTC-USDC")
            _ = try await client.ask("leave_room", #"{"room":"price:BTC-USDC"}"#)
            try await client.joined("chart:BTC")
            await client.disconnect()
        }
    }

    @Test func anotherViewOfABookTakesThePlaceOfTheFirst() async throws {
        try await TestGateway.run {
            $0.limits.roomsPerConnection = 2
        } _: { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await client.joined("orderbook:BTC-USDC")
            for wishes in [#","mode":"delta""#, #","depth":5"#, ""] {
                let answer = try await client.ask("subscribe_orderbook", #"{"symbol":"BTC-USDC"\#(wishes)}"#)
                #expect(answer.hasPrefix(#"{"ok":true"#))
                _ = try await client.next("orderbook_subscribed")
            }
            #expect(try await client.refusal("subscribe_orderbook", #"{"symbol":"ETH-USDC","depth":5}"#) == "ROOM_LIMIT")
            #expect(try await client.refusal("join_room", #"{"room":"chart:BTC"}"#) == "ROOM_LIMIT")
            await client.disconnect()
        }
    }

    @Test func roomsAskedForAtOnceCountToo() async throws {
        try await TestGateway.run {
            $0.limits.roomsPerConnection = 3
        } _: { gateway in
            let client = try await gateway.connect()
            let rooms = ["BTC", "ETH", "SOL", "XRP", "ADA"]
            for room in rooms { try await client.emit("join_room", json: "{\"room\":\"chart:\(room)\"}") }
            var answers: [String] = []
            for _ in rooms { answers.append(try await client.event(nil, within: .seconds(30)).name) }
            #expect(answers.sorted() == ["error", "error", "room_joined", "room_joined", "room_joined"])
            await client.disconnect()
        }
    }

    @Test func eventsAndTheNeighbour() async throws {
        try await TestGateway.run {
            $0.limits.clientEvents = TokenBucket.Rule(rate: 0.001, burst: 3)
            $0.limits.refusedEventsBeforeDisconnect = 4
        } _: { gateway in
            let abuser = try await gateway.connect()
            let neighbour = try await gateway.connect(TestGateway.bob)
            for _ in 0..<3 { _ = try await abuser.ask("ping") }
            for _ in 0..<2 { try await abuser.emit("ping") }
            for _ in 0..<2 { #expect(try await abuser.refusal("ping", "") == "RATE_LIMITED") }
            var events: [String] = []
            #expect(try await abuser.end { events.append($0) } == .serverDisconnect)
            // An error at most once a second; how long this takes is not said.
            #expect(events.prefix(4) == ["pong", "pong", "pong", "error"] && events.dropFirst(4).allSatisfy { $0 == "error" })
            #expect(try await neighbour.ask("ping").hasPrefix(#"{"ok":true,"timestamp":"#))
            #expect(try await gateway.metric("moonx_abuse_disconnects_total") == 1)
            #expect(try await gateway.metric("moonx_errors_total{code=\"RATE_LIMITED\"}") == 4)
            await neighbour.disconnect()
        }
    }

    @Test func offLiftsThem() async throws {
        try await TestGateway.run {
            $0.limits.areOn = false
            $0.limits.connectionsPerUser = 0
            $0.limits.roomsPerConnection = 0
            $0.limits.handshakes = TokenBucket.Rule(rate: 0.001, burst: 0)
            $0.limits.clientEvents = TokenBucket.Rule(rate: 0.001, burst: 0)
        } _: { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            await client.disconnect()
        }
    }
}
