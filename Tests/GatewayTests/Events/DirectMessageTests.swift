import GatewayDomain
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Store
import Testing

@testable import Gateway

@Suite("direct_message", .timeLimit(.minutes(1)))
struct DirectMessageTests {
    private func send(_ client: SocketIOClient, to user: String, _ text: String, name: String? = nil) async throws -> JSONObject {
        let name = name.map { ",\"clientMessageId\":\"\($0)\"" } ?? ""
        let answer = try await client.emitWithAck(
            "direct_message",
            json: "{\"to\":\"\(user)\",\"message\":\"\(text)\"\(name)}",
            timeout: .seconds(30)
        )
        return try JSONObject(Array(answer.joined.readableBytesView))
    }

    @Test func everyDeviceOfBothGetsItButTheOneThatSent() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            let copy = try await gateway.connect()
            let devices = [try await gateway.connect(TestGateway.bob), try await gateway.connect(TestGateway.bob)]
            let before = WallClock.milliseconds()
            let answer = try await send(sender, to: TestGateway.bob, "hé \\\"you\\\"")
            #expect(answer.bool("ok") == true)
            #expect(answer.bool("delivered") == true)
            for client in devices + [copy] {
                let message = try await client.next("direct_message")
                #expect(message.string("from") == TestGateway.alice)
                #expect(message.string("to") == TestGateway.bob)
                #expect(message.string("message") == "hé \"you\"")
                #expect(message.string("messageId") == answer.string("messageId"))
                #expect(try #require(message.integer("timestamp")) >= before)
                #expect(message["offline"] == nil)
            }
            // The sender's own next event is the answer to what it asks next.
            try await sender.emit("ping")
            _ = try await sender.next("pong")
            for client in devices + [sender, copy] { await client.disconnect() }
        }
    }

    @Test func whoIsNotThereGetsThemAtTheNextConnectionOldestFirst() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            var ids: [String?] = []
            for number in 1...3 {
                let answer = try await send(sender, to: TestGateway.bob, "m\(number)")
                #expect(answer.bool("delivered") == false)
                ids.append(answer.string("messageId"))
            }
            #expect(try await gateway.metric("moonx_mail_kept") == 3)
            let bob = try await gateway.connect(TestGateway.bob)
            for number in 1...3 {
                let message = try await bob.next("direct_message")
                #expect(message.string("message") == "m\(number)")
                #expect(message.string("messageId") == ids[number - 1])
                #expect(message.bool("offline") == true)
            }
            // What comes now comes as usual.
            #expect(try await send(sender, to: TestGateway.bob, "m4").bool("delivered") == true)
            #expect(try await bob.next("direct_message")["offline"] == nil)
            #expect(try await gateway.metric("moonx_mail_total{what=\"redelivered\"}") == 3)
            await bob.disconnect()
            await sender.disconnect()
        }
    }

    @Test func beyondTheBoundTheOldestGoesAndIsCounted() async throws {
        try await TestGateway.run {
            var bounds = MailboxBounds.inMemory
            #expect(bounds.messagesPerUser == 100)
            #expect(bounds.lifetime == .seconds(7 * 86_400))
            bounds.messagesPerUser = 2
            $0.messages = InMemoryMessageStore(bounds: bounds, now: WallClock.milliseconds)
        } _: { gateway in
            let sender = try await gateway.connect()
            for number in 1...5 { _ = try await send(sender, to: TestGateway.bob, "m\(number)") }
            #expect(try await gateway.metric("moonx_mail_total{what=\"dropped\"}") == 3)
            let bob = try await gateway.connect(TestGateway.bob)
            for number in 4...5 { #expect(try await bob.next("direct_message").string("message") == "m\(number)") }
            await bob.disconnect()
            await sender.disconnect()
        }
    }

    @Test func aRepeatedNameAnswersTheFirstsResultAndSendsNothing() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            let first = try await send(sender, to: TestGateway.bob, "once", name: "n1")
            let again = try await send(sender, to: TestGateway.bob, "twice", name: "n1")
            #expect(again.text == first.text)
            // Another sender's name is another name, and another name another message.
            _ = try await send(bob, to: TestGateway.alice, "hello", name: "n1")
            #expect(try await sender.next("direct_message").string("message") == "hello")
            let second = try await send(sender, to: TestGateway.bob, "more", name: "n2")
            #expect(second.string("messageId") != first.string("messageId"))
            // What he wrote himself does not come back to his only device.
            for text in ["once", "more"] { #expect(try await bob.next("direct_message").string("message") == text) }
            await bob.disconnect()
            await sender.disconnect()
        }
    }

    @Test func oneMayWriteToOneself() async throws {
        try await TestGateway.run { gateway in
            let devices = [try await gateway.connect(), try await gateway.connect()]
            #expect(try await send(devices[0], to: TestGateway.alice, "note").bool("delivered") == true)
            for device in devices {
                #expect(try await device.next("direct_message").string("message") == "note")
                try await device.emit("ping")
                _ = try await device.next("pong")
                await device.disconnect()
            }
        }
    }

    @Test func theTextHasALimit() async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            let longest = String(repeating: "ü", count: 8000)
            #expect(try await send(sender, to: TestGateway.bob, longest).bool("ok") == true)
            #expect(try await sender.refusal("direct_message", "{\"to\":\"bob-000002\",\"message\":\"\(longest)x\"}") == "INVALID_MESSAGE")
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"chat_message\"}") == 1)
            await sender.disconnect()
        }
    }

    @Test(arguments: [
        #"{"message":"x"}"#, #"{"to":"short","message":"x"}"#, #"{"to":1,"message":"x"}"#, #"{"to":"bob-000002"}"#,
        #"{"to":"bob-000002","message":null}"#, #"{"to":"bob-000002","message":"x","clientMessageId":1}"#,
        #"{"to":"bob-000002","message":"x","clientMessageId":""}"#,
    ])
    func thePayloadHasAForm(_ payload: String) async throws {
        try await TestGateway.run { gateway in
            let sender = try await gateway.connect()
            #expect(try await sender.refusal("direct_message", payload) == "INVALID_MESSAGE")
            await sender.disconnect()
        }
    }

    @Test func messagesOfOneSenderKeepTheirOrder() async throws {
        try await TestGateway.run {
            $0.limits.areOn = false
        } _: { gateway in
            let sender = try await gateway.connect()
            let bob = try await gateway.connect(TestGateway.bob)
            for number in 1...300 { try await sender.emit("direct_message", json: "{\"to\":\"bob-000002\",\"message\":\(number)}") }
            for number in 1...300 { #expect(try await bob.next("direct_message").integer("message") == Int64(number)) }
            await bob.disconnect()
            await sender.disconnect()
        }
    }

    @Test func aStoreThatFailsIsNotAnsweredWithSuccess() async throws {
        try await TestGateway.run {
            $0.messages = BrokenStore()
            $0.lastSeen = BrokenStore()
        } _: { gateway in
            let sender = try await gateway.connect()
            #expect(try await sender.refusal("direct_message", #"{"to":"bob-000002","message":"x"}"#) == "INTERNAL")
            #expect(try await sender.refusal("received", #"{"ids":["x"]}"#) == "INTERNAL")
            #expect(try await sender.refusal("presence_subscribe", #"{"userIds":["bob-000002"]}"#) == "INTERNAL")
            // A notification has lost its second chance, not its first.
            try await gateway.server.publish(json: #"{"type":"notification","userId":"alice-0001","id":"n1","data":{},"timestamp":1}"#)
            #expect(try await sender.next() == #"notification {"id":"n1","timestamp":1}"#)
            #expect(try #require(try await gateway.metric("moonx_mail_total{what=\"failure\"}")) >= 3)
            await sender.disconnect()
        }
    }

    @Test func guestsMustLogIn() async throws {
        try await TestGateway.run {
            $0.allowsGuests = true
        } _: { gateway in
            let guest = try await gateway.connect(nil)
            let events = [
                ("direct_message", #"{"to":"bob-000002","message":"x"}"#), ("room_message", #"{"roomId":"my-group-1","message":"x"}"#),
                ("received", #"{"ids":[]}"#), ("presence_subscribe", #"{"userIds":["bob-000002"]}"#),
                ("presence_unsubscribe", #"{"userIds":["bob-000002"]}"#), ("set_presence", #"{"status":"away"}"#),
            ]
            for (event, payload) in events { #expect(try await guest.refusal(event, payload) == "AUTH_REQUIRED") }
            await guest.disconnect()
        }
    }
}
