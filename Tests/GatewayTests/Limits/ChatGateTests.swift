import GatewayDomain
import JSONScan
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite("ChatGate", .timeLimit(.minutes(2)))
struct ChatGateTests {
    private static let room = "group:my-group-1"
    /// Eight letters that take 50 bytes as they are written.
    private static let escaped = "\"\(String(repeating: "\\u0061", count: 8))\""

    private func payload(_ message: String) -> String { "{\"to\":\"bob-000002\",\"roomId\":\"my-group-1\",\"message\":\(message)}" }

    @Test(arguments: ["direct_message", "room_message"])
    func theBytesOfAUserOverAllConnectionsHaveALimit(_ event: String) async throws {
        try await TestGateway.run {
            #expect($0.limits.chatBytes == TokenBucket.Rule(rate: 32_000, burst: 1_000_000))
            $0.limits.chatBytes = TokenBucket.Rule(rate: 0.001, burst: 120)
        } _: { gateway in
            let devices = [try await gateway.connect(), try await gateway.connect()]
            let (bob, carol) = (try await gateway.connect(TestGateway.bob), try await gateway.connect("carol-0003"))
            for client in devices + [bob, carol] { try await client.joined(Self.room) }
            // Its own bytes count, not those of the text: of two there is place, of a third there is not.
            for device in devices { #expect(try await device.ask(event, payload(Self.escaped)).hasPrefix("{\"ok\":true")) }
            for device in devices {
                let answer = try await device.emitWithAck(event, json: payload(Self.escaped), timeout: .seconds(30)).object(0)
                #expect(answer?.bool("ok") == false)
                #expect(answer?.string("code") == "RATE_LIMITED")
                #expect(try #require(answer?.integer("retryAfter")) > 1)
            }
            // What is short enough has its place still, and others have theirs.
            #expect(try await devices[0].ask(event, payload("\"b\"")).hasPrefix("{\"ok\":true"))
            #expect(try await carol.ask(event, payload(Self.escaped)).hasPrefix("{\"ok\":true"))
            // Who was refused has sent nothing.
            var read: [String?] = []
            for _ in 0..<4 {
                let message = try await bob.next(event)
                read.append(message.string("from").map { "\($0) \(message.string("message") ?? "")" })
            }
            #expect(read == ["alice-0001 aaaaaaaa", "alice-0001 aaaaaaaa", "alice-0001 b", "carol-0003 aaaaaaaa"])
            #expect(try await gateway.metric("moonx_client_limits_total{limit=\"chat_bytes\"}") == 2)
            #expect(try await gateway.metric("moonx_errors_total{code=\"RATE_LIMITED\"}") == 2)
            for client in devices + [bob, carol] { await client.disconnect() }
        }
    }

    @Test func whatIsRefusedIsNotKept() async throws {
        try await TestGateway.run {
            $0.limits.chatBytes = TokenBucket.Rule(rate: 0.001, burst: 50)
        } _: { gateway in
            let sender = try await gateway.connect()
            #expect(try await sender.ask("direct_message", payload(Self.escaped)).hasPrefix("{\"ok\":true"))
            #expect(try await sender.refusal("direct_message", payload(Self.escaped)) == "RATE_LIMITED")
            #expect(try await gateway.metric("moonx_mail_kept") == 1)
            // Without an ack the client is told by an event.
            try await sender.emit("direct_message", json: payload(Self.escaped))
            let error = try await sender.next("error")
            #expect(error.string("code") == "RATE_LIMITED")
            #expect(error.string("event") == "direct_message")
            await sender.disconnect()
        }
    }

    @Test func whoGoesOnIsDisconnected() async throws {
        try await TestGateway.run {
            $0.limits.chatBytes = TokenBucket.Rule(rate: 0.001, burst: 50)
            $0.limits.refusedEventsBeforeDisconnect = 4
        } _: { gateway in
            let sender = try await gateway.connect()
            let neighbour = try await gateway.connect(TestGateway.bob)
            #expect(try await sender.ask("direct_message", payload(Self.escaped)).hasPrefix("{\"ok\":true"))
            for _ in 0..<3 { #expect(try await sender.refusal("direct_message", payload(Self.escaped)) == "RATE_LIMITED") }
            #expect(try await sender.end() == .serverDisconnect)
            #expect(try await gateway.metric("moonx_abuse_disconnects_total") == 1)
            _ = try await neighbour.next("direct_message")
            #expect(try await neighbour.ask("ping").hasPrefix("{\"ok\":true"))
            await neighbour.disconnect()
        }
    }

    @Test func offLiftsIt() async throws {
        try await TestGateway.run {
            $0.limits.areOn = false
            $0.limits.chatBytes = TokenBucket.Rule(rate: 0.001, burst: 1)
        } _: { gateway in
            let sender = try await gateway.connect()
            for _ in 0..<3 { #expect(try await sender.ask("direct_message", payload(Self.escaped)).hasPrefix("{\"ok\":true")) }
            await sender.disconnect()
        }
    }
}
