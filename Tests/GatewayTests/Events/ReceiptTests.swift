import EngineIO
import GatewayDomain
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

/// When a message or notification counts as received, and that it comes again until then.
@Suite("Receipts", .timeLimit(.minutes(1)))
struct ReceiptTests {
    private static let never = Duration.seconds(3600)

    private func run(pingInterval: Duration = never, _ body: (TestGateway) async throws -> Void) async throws {
        try await TestGateway.run(
            {
                $0.engine.pingInterval = pingInterval
                $0.engine.pingTimeout = .seconds(20)
            },
            body
        )
    }

    private func notify(_ gateway: TestGateway, _ id: String) async throws {
        try await gateway.server.publish(
            json: #"{"type":"notification","userId":"bob-000002","id":"\#(id)","data":{"title":"t"},"timestamp":1}"#
        )
    }

    private func kept(_ gateway: TestGateway, becomes count: Int) async throws {
        while try await gateway.metric("moonx_mail_kept") != count { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func connect(_ gateway: TestGateway, explicitReceipts: Bool) async throws -> SocketIOClient {
        let token = try await gateway.token(TestGateway.bob)
        let auth = "{\"token\":\"\(token)\",\"explicitReceipts\":\(explicitReceipts)}"
        let client = try await SocketIOClient.connect(url: gateway.url, auth: auth, options: TestGateway.patience)
        _ = try await client.event("authenticated", within: .seconds(30))
        return client
    }

    @Test func notificationsWaitForTheirUserAndComeAgainUntilReceived() async throws {
        try await run { gateway in
            for id in ["n1", "n2"] { try await notify(gateway, id) }
            try await kept(gateway, becomes: 2)
            for _ in 0..<2 {
                let bob = try await gateway.connect(TestGateway.bob)
                for id in ["n1", "n2"] {
                    #expect(try await bob.next() == #"notification {"title":"t","id":"\#(id)","timestamp":1,"offline":true}"#)
                }
                await bob.disconnect()
            }
            let bob = try await gateway.connect(TestGateway.bob)
            for _ in 0..<2 { _ = try await bob.next("notification") }
            // The last is longer than an id can be.
            let ids = "\"n1\",\"unknown\",\"\(String(repeating: "x", count: 129))\""
            #expect(try await bob.ask("received", "{\"ids\":[\(ids)]}") == #"{"ok":true}"#)
            #expect(try await gateway.metric("moonx_mail_kept") == 1)
            #expect(try await gateway.metric("moonx_mail_total{what=\"received\"}") == 1)
            await bob.disconnect()
            let again = try await gateway.connect(TestGateway.bob)
            #expect(try await again.next("notification").string("id") == "n2")
            await again.disconnect()
        }
    }

    @Test func anAnsweredPingShowsThatAStockClientHasIt() async throws {
        try await run(pingInterval: .milliseconds(50)) { gateway in
            let bob = try await connect(gateway, explicitReceipts: false)
            try await notify(gateway, "n1")
            _ = try await bob.next("notification")
            try await kept(gateway, becomes: 0)
            #expect(try await gateway.metric("moonx_mail_total{what=\"received\"}") == 1)
            await bob.disconnect()
            let again = try await connect(gateway, explicitReceipts: false)
            try await notify(gateway, "n2")
            #expect(try await again.next("notification").string("id") == "n2")
            await again.disconnect()
        }
    }

    @Test func whoSaysItItselfIsBelievedNothingElse() async throws {
        try await run(pingInterval: .milliseconds(50)) { gateway in
            let explicit = try await connect(gateway, explicitReceipts: true)
            try await notify(gateway, "n1")
            _ = try await explicit.next("notification")
            // Pings go by: those of another user's device, whose message is received by one of them.
            let alice = try await gateway.connect()
            for _ in 0..<3 {
                let known = try #require(try await gateway.metric("moonx_mail_total{what=\"received\"}"))
                try await gateway.server.publish(json: #"{"type":"notification","userId":"alice-0001","data":{}}"#)
                _ = try await alice.next("notification")
                while try await gateway.metric("moonx_mail_total{what=\"received\"}") == known {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            try await kept(gateway, becomes: 1)
            _ = try await explicit.ask("received", #"{"ids":["n1"]}"#)
            #expect(try await gateway.metric("moonx_mail_kept") == 0)
            await explicit.disconnect()
            await alice.disconnect()
        }
    }

    @Test func aPingThatIsNotAnsweredShowsNothing() async throws {
        try await run(pingInterval: .milliseconds(50)) { gateway in
            let token = try await gateway.token(TestGateway.bob)
            let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket")
            _ = try await socket.receiveText(within: .seconds(30))
            try await socket.send(text: "40{\"token\":\"\(token)\"}")
            func receive(_ prefix: String) async throws { while try await !socket.receiveText(within: .seconds(30)).hasPrefix(prefix) {} }
            try await receive(#"42["authenticated""#)
            // The ping that comes after the message is not answered: an unsolicited pong before it shows nothing.
            try await socket.send(text: "3")
            try await notify(gateway, "n1")
            try await receive(#"42["notification""#)
            await socket.abort()
            let bob = try await gateway.connect(TestGateway.bob)
            #expect(try await bob.next("notification").string("id") == "n1")
            await bob.disconnect()
        }
    }

    @Test func oneDeviceThatHasItIsEnough() async throws {
        try await run { gateway in
            let devices = [try await gateway.connect(TestGateway.bob), try await gateway.connect(TestGateway.bob)]
            try await notify(gateway, "n1")
            for device in devices { _ = try await device.next("notification") }
            _ = try await devices[0].ask("received", #"{"ids":["n1"]}"#)
            #expect(try await gateway.metric("moonx_mail_kept") == 0)
            for device in devices { await device.disconnect() }
        }
    }

    @Test(arguments: ["{}", #"{"ids":"n1"}"#, #"{"ids":[1]}"#])
    func idsHaveAForm(_ payload: String) async throws {
        try await run { gateway in
            let bob = try await gateway.connect(TestGateway.bob)
            #expect(try await bob.refusal("received", payload) == "INVALID_MESSAGE")
            let many = (0...1000).map { "\"\($0)\"" }.joined(separator: ",")
            #expect(try await bob.refusal("received", "{\"ids\":[\(many)]}") == "INVALID_MESSAGE")
            await bob.disconnect()
        }
    }

    @Test func muchThatWasKeptComesInPiecesThatTheConnectionTakes() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedBytes = 256 << 10
            $0.limits.areOn = false
        } _: { gateway in
            let sender = try await gateway.connect()
            let text = String(repeating: "x", count: 15_000)
            for number in 1...100 {
                _ = try await sender.ask("direct_message", "{\"to\":\"bob-000002\",\"message\":\"\(number) \(text)\"}")
            }
            let bob = try await gateway.connect(TestGateway.bob)
            // A megabyte and a half, through a queue of a quarter; what comes meanwhile stays behind it.
            _ = try await sender.ask("direct_message", #"{"to":"bob-000002","message":"101 last"}"#)
            for number in 1...101 {
                #expect(try await bob.next("direct_message").string("message")?.hasPrefix("\(number) ") == true)
            }
            await bob.disconnect()
            await sender.disconnect()
        }
    }

    @Test func aBatchOfNotificationsComesWholeAndInOrder() async throws {
        try await run { gateway in
            let bob = try await gateway.connect(TestGateway.bob)
            let count = 3000
            let batch = try (1...count).map {
                try Envelope(json: Array(#"{"type":"notification","userId":"bob-000002","id":"n\#($0)","data":{}}"#.utf8))
            }
            try await gateway.server.bus.publish(batch)
            // Whoever published is answered once they are kept; of so many the newest hundred are.
            #expect(try await gateway.metric("moonx_mail_kept") == 100)
            #expect(try await gateway.metric("moonx_mail_total{what=\"dropped\"}") == count - 100)
            for number in 1...count { #expect(try await bob.next("notification").string("id") == "n\(number)") }
            await bob.disconnect()
        }
    }
}
