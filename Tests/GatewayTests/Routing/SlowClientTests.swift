import EngineIO
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Slow clients", .timeLimit(.minutes(2)))
struct SlowClientTests {
    private static let filler = String(repeating: "x", count: 16_000)

    private func open(_ gateway: TestGateway, rooms: [String]) async throws -> RawWebSocket {
        let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket")
        try await socket.send(text: "40{\"token\":\"\(try await gateway.token(TestGateway.alice))\"}")
        while !(try await socket.receiveText(within: .seconds(30)).hasPrefix("42[\"authenticated\"")) {}
        for room in rooms { try await socket.send(text: "42[\"join_room\",{\"room\":\"\(room)\"}]") }
        var joined = 0
        while joined < rooms.count {
            if try await socket.receiveText(within: .seconds(30)).hasPrefix("42[\"room_joined\"") { joined += 1 }
        }
        return socket
    }

    private func publish(_ gateway: TestGateway, price number: Int) async throws {
        try await gateway.server.publish(
            json: #"{"type":"price_update","symbol":"BTC-USDC","data":{"price":"\#(number)","note":"\#(Self.filler)"}}"#
        )
    }

    private func publish(_ gateway: TestGateway, trade number: Int) async throws {
        try await gateway.server.publish(json: #"{"type":"trade_notification","symbol":"BTC-USDC","id":"t\#(number)","data":{"price":1}}"#)
    }

    /// The payload of an event; `nil` for another message.
    private func payload(_ text: String, _ event: String) throws -> JSONObject? {
        let prefix = "42[\"\(event)\","
        guard text.hasPrefix(prefix), let end = text.lastIndex(of: "}") else { return nil }
        // Behind it a trade has its offset.
        return try JSONObject(Array(text[...end].dropFirst(prefix.count).utf8))
    }

    @Test func endsWithTheNewestPriceAndAllTradesAndCanProveThatNothingIsMissing() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedAge = .seconds(600)
        } _: { gateway in
            let socket = try await open(gateway, rooms: ["price:BTC-USDC", "trade:BTC-USDC"])
            try await socket.setReading(false)
            var prices = 0
            var trades = 0
            // Until the kernel's buffers are full and well beyond.
            while try await gateway.metric("moonx_conflated_total") ?? 0 < 100 {
                for _ in 0..<50 {
                    prices += 1
                    try await publish(gateway, price: prices)
                }
                trades += 1
                try await publish(gateway, trade: trades)
            }
            #expect(try await gateway.metric("moonx_queued_bytes") ?? .max <= 1 << 20)
            try await socket.setReading(true)

            var seen: (price: Int, trade: Int) = (0, 0)
            var conflated = 0
            while seen.price < prices || seen.trade < trades {
                let text = try await socket.receiveText(within: .seconds(30))
                if let price = try payload(text, "price_update") {
                    let seq = try #require(price.integer("seq"))
                    #expect(Int(price.integer("seqFirst") ?? seq) == seen.price + 1)
                    #expect(price.string("price") == String(seq))
                    if price["seqFirst"] != nil { conflated += 1 }
                    seen.price = Int(seq)
                } else if let trade = try payload(text, "trade_notification") {
                    #expect(trade.string("id") == "t\(seen.trade + 1)")
                    #expect(trade["seqFirst"] == nil)
                    seen.trade += 1
                }
            }
            #expect(conflated > 0)
            await socket.abort()
        }
    }

    @Test func isToldAndClosedWithoutADisconnectPacket() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedBytes = 64_000
            $0.engine.closeTimeout = .seconds(600)
        } _: { gateway in
            let socket = try await open(gateway, rooms: ["trade:BTC-USDC"])
            let neighbour = try await gateway.connect(TestGateway.bob)
            try await socket.setReading(false)
            while try await gateway.metric(#"moonx_sessions_closed_total{reason="slow consumer"}"#) == 0 {
                for _ in 0..<50 {
                    try await gateway.server.publish(
                        json: #"{"type":"trade_notification","symbol":"BTC-USDC","data":{"note":"\#(Self.filler)"}}"#
                    )
                }
            }
            try await socket.setReading(true)

            var last = ""
            var isClosed = false
            while let message = try await socket.receive(within: .seconds(30)) {
                if case .close(let code) = message {
                    #expect(code == nil)
                    isClosed = true
                    break
                }
                last = message.string ?? ""
            }
            #expect(isClosed)
            #expect(last.hasPrefix(#"42["error",{"code":"SLOW_CONSUMER","message":"#))
            let told = try await gateway.metric(#"moonx_errors_total{code="SLOW_CONSUMER"}"#)
            #expect(told == 1)
            #expect(try await neighbour.ask("ping").hasPrefix(#"{"ok":true,"timestamp":"#))
            await neighbour.disconnect()
            await socket.abort()
        }
    }

    @Test func nothingOfARoomFollowsItsConfirmationOfLeaving() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedAge = .seconds(600)
        } _: { gateway in
            let socket = try await open(gateway, rooms: ["price:BTC-USDC"])
            try await socket.setReading(false)
            var prices = 0
            while try await gateway.metric("moonx_conflated_total") ?? 0 < 10 {
                for _ in 0..<50 {
                    prices += 1
                    try await publish(gateway, price: prices)
                }
            }
            try await socket.send(text: #"42["leave_room",{"room":"price:BTC-USDC"}]"#)
            while try await gateway.metric("moonx_rooms_with_members") != 0 { await Task.yield() }
            try await socket.setReading(true)

            var text = ""
            repeat { text = try await socket.receiveText(within: .seconds(30)) } while !text.hasPrefix("42[\"room_left\"")
            try await socket.send(text: #"42["ping",{}]"#)
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("42[\"pong\""))
            await socket.abort()
        }
    }
}
