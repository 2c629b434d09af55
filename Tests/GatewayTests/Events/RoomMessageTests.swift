import GatewayDomain
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("room_message and groups", .timeLimit(.minutes(1)))
struct RoomMessageTests {
    private static let room = "group:my-group-1"

    @Test func theOtherMembersOfTheGroupGetIt() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            let members = [try await gateway.connect(), try await gateway.connect(TestGateway.bob)]
            let outsider = try await gateway.connect(TestGateway.bob)
            for client in members + [sender] { try await client.joined(Self.room) }
            // As the guide's example sends it, and by the room's name.
            for reference in [#""roomId":"my-group-1""#, #""room":"group:my-group-1""#] {
                let answer = try await sender.emitWithAck(
                    "room_message",
                    json: "{\(reference),\"message\":\"hello\"}",
                    timeout: .seconds(30)
                ).object(0)
                #expect(answer?.bool("ok") == true)
                for member in members {
                    let message = try await member.next("room_message")
                    #expect(message.string("room") == Self.room)
                    #expect(message.string("from") == TestGateway.alice)
                    #expect(message.string("message") == "hello")
                    #expect(message.string("messageId") == answer?.string("messageId"))
                    #expect(message.integer("timestamp") != nil)
                }
            }
            for client in members + [sender, outsider] {
                try await client.emit("ping")
                _ = try await client.next("pong")
                await client.disconnect()
            }
        }
    }

    @Test func aRepeatedNameSendsNothing() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            let member = try await gateway.connect(TestGateway.bob)
            for client in [sender, member] { try await client.joined(Self.room) }
            let payload = #"{"roomId":"my-group-1","message":"x","clientMessageId":"n1"}"#
            let first = try await sender.ask("room_message", payload)
            #expect(first.hasPrefix(#"{"ok":true,"messageId":""#))
            #expect(try await sender.ask("room_message", payload) == first)
            _ = try await sender.ask("room_message", #"{"roomId":"my-group-1","message":"y"}"#)
            for text in ["x", "y"] { #expect(try await member.next("room_message").string("message") == text) }
            await sender.disconnect()
            await member.disconnect()
        }
    }

    @Test func otherRoomsAndNonMembersAreRefused() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("trade:BTC-USDC")
            try await client.joined("user:alice-0001")
            for room in ["trade:BTC-USDC", "user:alice-0001", "portfolio:bob-000002", "group:not-mine-1"] {
                #expect(try await client.refusal("room_message", "{\"room\":\"\(room)\",\"message\":\"x\"}") == "ACCESS_DENIED")
            }
            try await client.joined(Self.room)
            for (payload, code) in [
                (#"{"message":"x"}"#, "INVALID_MESSAGE"), (#"{"room":"group:my-group-1"}"#, "INVALID_MESSAGE"),
                (#"{"room":"nonsense","message":"x"}"#, "ROOM_NOT_FOUND"),
                ("{\"room\":\"group:my-group-1\",\"message\":\"\(String(repeating: "x", count: 16_001))\"}", "INVALID_MESSAGE"),
            ] { #expect(try await client.refusal("room_message", payload) == code) }
            await client.disconnect()
        }
    }

    @Test func anOpenGroupIsForWhoKnowsItsID() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect(TestGateway.bob)
            try await client.joined(Self.room)
            await client.disconnect()
        }
    }

    @Test func withClaimsAGroupIsForThoseWhoseTokenListsIt() async throws {
        try await TestGateway.run {
            $0.roomPolicy = RoomPolicy(groups: .claims)
        } _: { gateway in
            let member = try await gateway.connect(groups: ["my-group-1", "other-group"])
            try await member.joined(Self.room)
            #expect(try await member.refusal("join_room", #"{"roomId":"third-group"}"#) == "ACCESS_DENIED")
            let outsider = try await gateway.connect(TestGateway.bob)
            #expect(try await outsider.refusal("join_room", #"{"roomId":"my-group-1","roomType":"group"}"#) == "ACCESS_DENIED")
            // A token that lists the group no longer takes its bearer out of it.
            let token = try await gateway.token(TestGateway.alice, groups: ["other-group"])
            try await member.emit("authenticate", json: "{\"token\":\"\(token)\"}")
            _ = try await member.next("authenticated")
            #expect(try await member.next("room_left").string("room") == Self.room)
            #expect(try await member.refusal("room_message", #"{"roomId":"my-group-1","message":"x"}"#) == "ACCESS_DENIED")
            await member.disconnect()
            await outsider.disconnect()
        }
    }
}
