import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("Client events", .timeLimit(.minutes(1)))
struct ClientEventTests {
    @Test(arguments: [
        ("join_room", #"{"room":"price:BTC-USDC"}"#, #""room":"price:BTC-USDC""#, "room_joined"),
        ("join_room", #"{"roomId":"user-alice-0001"}"#, #""room":"user:alice-0001""#, "room_joined"),
        ("join_room", #"{"roomId":"my-group-1","roomType":"group"}"#, #""room":"group:my-group-1""#, "room_joined"),
        ("join_room", #"{"room":null,"roomId":"my-group-1","roomType":null}"#, #""room":"group:my-group-1""#, "room_joined"),
        ("subscribe_orderbook", #"{"symbol":"btc-usdc","mode":null,"depth":null}"#, #""symbol":"BTC-USDC""#, "orderbook_subscribed"),
        ("leave_room", #"{"roomId":"my-group-1"}"#, #""room":"group:my-group-1""#, "room_left"),
        ("subscribe_price", #"{"symbol":"btc-usdc"}"#, #""symbol":"BTC-USDC""#, "price_subscribed"),
        ("subscribe_trades", #"{"pair":"btc-usdc"}"#, #""pair":"BTC-USDC""#, "trades_subscribed"),
        ("subscribe_orderbook", #"{"symbol":"btc-usdc"}"#, #""symbol":"BTC-USDC""#, "orderbook_subscribed"),
        ("subscribe_chart", #"{"symbol":"btc-usdc","interval":"1m"}"#, #""symbol":"BTC-USDC""#, "chart_subscribed"),
        ("subscribe_portfolio", "", #""userId":"alice-0001""#, "portfolio_subscribed"),
        ("subscribe_orders", "{}", #""userId":"alice-0001""#, "orders_subscribed"),
        ("unsubscribe", #"{"type":"trades","identifier":"btc-usdc"}"#, #""type":"trades","identifier":"btc-usdc""#, "unsubscribed"),
        ("unsubscribe", #"{"type":"portfolio"}"#, #""type":"portfolio","identifier":"alice-0001""#, "unsubscribed"),
    ])
    func areConfirmedByAckAndEvent(_ event: String, _ payload: String, _ members: String, _ confirmation: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            #expect(try await client.ask(event, payload) == "{\"ok\":true,\(members)}")
            #expect(try await client.next() == "\(confirmation) {\(members)}")
            await client.disconnect()
        }
    }

    @Test(arguments: [
        ("join_room", "{}", "INVALID_MESSAGE"), ("join_room", "", "INVALID_MESSAGE"), ("join_room", "[]", "INVALID_MESSAGE"),
        ("join_room", #"{"room":1}"#, "INVALID_MESSAGE"), ("join_room", #"{"room":"price:btc"}"#, "ROOM_NOT_FOUND"),
        ("join_room", #"{"room":"@alice-0001"}"#, "ROOM_NOT_FOUND"), ("join_room", #"{"room":"user:bob-000002"}"#, "ACCESS_DENIED"),
        ("join_room", #"{"room":"portfolio:bob-000002"}"#, "ACCESS_DENIED"),
        ("join_room", #"{"roomId":"orders:bob-000002"}"#, "ACCESS_DENIED"), ("leave_room", "{}", "INVALID_MESSAGE"),
        ("leave_room", #"{"room":"nonsense"}"#, "ROOM_NOT_FOUND"), ("subscribe_price", "{}", "INVALID_MESSAGE"),
        ("subscribe_price", #"{"symbol":7}"#, "INVALID_MESSAGE"), ("subscribe_price", #"{"symbol":"BTC"}"#, "ROOM_NOT_FOUND"),
        // Unicode's capitals of these are other letters' capitals; they name no market.
        ("subscribe_price", #"{"symbol":"ß-usdc"}"#, "ROOM_NOT_FOUND"), ("subscribe_chart", #"{"symbol":"ß"}"#, "ROOM_NOT_FOUND"),
        ("subscribe_chart", #"{"symbol":"1"}"#, "ROOM_NOT_FOUND"), ("unsubscribe", "{}", "INVALID_MESSAGE"),
        ("unsubscribe", #"{"type":"nonsense","identifier":"x"}"#, "INVALID_MESSAGE"),
        ("unsubscribe", #"{"type":"price"}"#, "INVALID_MESSAGE"), ("unsubscribe", #"{"type":"price","identifier":"x"}"#, "ROOM_NOT_FOUND"),
        ("authenticate", #""a token""#, "INVALID_MESSAGE"), ("no_such_event", "{}", "INVALID_MESSAGE"), ("ping", "1", "INVALID_MESSAGE"),
    ])
    func failuresComeByAckOrElseAsErrors(_ event: String, _ payload: String, _ code: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            #expect(try await client.refusal(event, payload) == code)
            // With an ack there was no event: the next is that of the call without.
            try await client.emit(event, json: payload)
            let error = try await client.next("error")
            #expect(error.string("code") == code)
            #expect(error.string("event") == event)
            #expect(error.string("message")?.isEmpty == false)
            await client.disconnect()
        }
    }

    @Test(arguments: ["direct_message", "room_message", "ping"]) func binaryValuesAreRefused(_ event: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("group:my-group-1")
            let payload = #"{"to":"bob-000002","roomId":"my-group-1","message":{"_placeholder":true,"num":0}}"#
            let answer = try await client.emitWithAck(event, json: payload, attachments: [ByteBuffer(string: "x")], timeout: .seconds(30))
            #expect(answer.object(0)?.string("code") == "INVALID_MESSAGE")
            #expect(answer.object(0)?.string("message")?.contains("binary") == true)
            await client.disconnect()
        }
    }

    @Test func pingIsAnsweredWithTheTime() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.emit("ping", json: #"{"timestamp":1700000000123.50}"#)
            let pong = try await client.next("pong")
            let timestamp = try #require(pong.integer("timestamp"))
            let serverTime = WallClock.iso8601(timestamp)
            #expect(pong.string("serverTime") == String(decoding: serverTime.indices.map { serverTime[$0] }, as: UTF8.self))
            #expect(pong.raw("clientTimestamp").map { String(decoding: $0, as: UTF8.self) } == "1700000000123.50")
            try await client.emit("ping")
            #expect(try await client.next("pong")["clientTimestamp"] == nil)
            try await client.emit("ping", json: #"{"timestamp":{"a":1}}"#)
            #expect(try await client.next("pong")["clientTimestamp"] == nil)
            await client.disconnect()
        }
    }
}
