import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("join_room with since", .timeLimit(.minutes(1)))
struct JoinSinceTests {
    private func publish(_ gateway: TestGateway, _ type: String, _ number: Int) async throws {
        try await gateway.server.publish(json: #"{"type":"\#(type)","symbol":"BTC-USDC","data":{"n":\#(number)},"timestamp":1}"#)
    }

    /// Joins `room`, publishes three events and leaves it; gives the first event.
    private func seen(_ gateway: TestGateway, _ client: SocketIOClient, _ room: String, _ type: String) async throws -> JSONObject {
        try await client.joined(room)
        try await publish(gateway, type, 1)
        let first = try await client.next(type)
        for number in 2...3 {
            try await publish(gateway, type, number)
            _ = try await client.next(type)
        }
        _ = try await client.ask("leave_room", "{\"room\":\"\(room)\"}")
        _ = try await client.next("room_left")
        return first
    }

    private func join(_ client: SocketIOClient, _ room: String, epoch: String?, seq: Int) async throws -> String {
        try await client.ask("join_room", "{\"room\":\"\(room)\",\"since\":{\"epoch\":\"\(epoch ?? "")\",\"seq\":\(seq)}}")
    }

    @Test(arguments: [
        ("trade:BTC-USDC", "trade_notification"), ("price:BTC-USDC", "price_update"), ("orderbook:BTC-USDC", "order_book_update"),
        ("chart:BTC", "chart_update"),
    ])
    func theMissedEventsOfARoomComeInOrder(_ room: String, _ type: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let first = try await seen(gateway, client, room, type)
            for number in 4...5 { try await publish(gateway, type, number) }
            let answer = "\"room\":\"\(room)\",\"resumed\":true"
            #expect(try await join(client, room, epoch: first.string("epoch"), seq: 2) == "{\"ok\":true,\(answer)}")
            #expect(try await client.next() == "room_joined {\(answer)}")
            for number in 3...5 {
                let event = try await client.next(type)
                #expect(event.integer("n") == Int64(number))
                #expect(event.integer("seq") == Int64(number))
                #expect(event.string("epoch") == first.string("epoch"))
                #expect(event.bool("snapshot") == nil)
            }
            // And then what is new, without a gap.
            try await publish(gateway, type, 6)
            #expect(try await client.next(type).integer("seq") == 6)
            #expect(try await gateway.metric("moonx_room_resumes_total{resumed=\"true\"}") == 1)
            await client.disconnect()
        }
    }

    @Test func whoMissedNothingIsResumedWithNothing() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let first = try await seen(gateway, client, "trade:BTC-USDC", "trade_notification")
            #expect(try await join(client, "trade:BTC-USDC", epoch: first.string("epoch"), seq: 3).hasSuffix("\"resumed\":true}"))
            _ = try await client.next("room_joined")
            try await publish(gateway, "trade_notification", 4)
            #expect(try await client.next("trade_notification").integer("seq") == 4)
            await client.disconnect()
        }
    }

    @Test func aForeignEpochIsASnapshot() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            _ = try await seen(gateway, client, "price:BTC-USDC", "price_update")
            let answer = #""room":"price:BTC-USDC","resumed":false"#
            #expect(try await join(client, "price:BTC-USDC", epoch: "another", seq: 3) == "{\"ok\":true,\(answer)}")
            #expect(try await client.next() == "room_joined {\(answer)}")
            let snapshot = try await client.next("price_update")
            #expect(snapshot.bool("snapshot") == true)
            #expect(snapshot.integer("seq") == 3)
            #expect(try await gateway.metric("moonx_room_resumes_total{resumed=\"false\"}") == 1)
            await client.disconnect()
        }
    }

    @Test func whatIsTooLongAgoOrNotYetThereIsASnapshot() async throws {
        try await TestGateway.run {
            $0.router.loggedEventsPerRoom = 2
        } _: { gateway in
            let client = try await gateway.connect()
            let epoch = try await seen(gateway, client, "price:BTC-USDC", "price_update").string("epoch")
            for seq in [0, 4] {
                #expect(try await join(client, "price:BTC-USDC", epoch: epoch, seq: seq).hasSuffix("\"resumed\":false}"))
                _ = try await client.next("room_joined")
                #expect(try await client.next("price_update").bool("snapshot") == true)
            }
            #expect(try await join(client, "price:BTC-USDC", epoch: epoch, seq: 1).hasSuffix("\"resumed\":true}"))
            _ = try await client.next("room_joined")
            for seq in 2...3 { #expect(try await client.next("price_update").integer("seq") == Int64(seq)) }
            await client.disconnect()
        }
    }

    @Test func aRoomThatNobodyCameBackToIsForgotten() async throws {
        try await TestGateway.run {
            $0.router.linger = .milliseconds(1)
            // With it rooms are followed for longer.
            $0.recovery = nil
            $0.router.sweepInterval = .milliseconds(5)
        } _: { gateway in
            let client = try await gateway.connect()
            let trade = try await seen(gateway, client, "trade:BTC-USDC", "trade_notification")
            let price = try await seen(gateway, client, "price:BTC-USDC", "price_update")
            while try await gateway.metric("moonx_room_log_bytes") != 0 { try await Task.sleep(for: .milliseconds(5)) }
            // A room with a last value keeps its numbers, and a client that missed nothing is not behind.
            #expect(try await join(client, "price:BTC-USDC", epoch: price.string("epoch"), seq: 3).hasSuffix("\"resumed\":true}"))
            _ = try await client.next("room_joined")
            _ = try await client.ask("leave_room", #"{"room":"price:BTC-USDC"}"#)
            _ = try await client.next("room_left")
            #expect(try await join(client, "price:BTC-USDC", epoch: price.string("epoch"), seq: 2).hasSuffix("\"resumed\":false}"))
            _ = try await client.next("room_joined")
            #expect(try await client.next("price_update").bool("snapshot") == true)
            #expect(try await join(client, "trade:BTC-USDC", epoch: trade.string("epoch"), seq: 2).hasSuffix("\"resumed\":false}"))
            _ = try await client.next("room_joined")
            await client.disconnect()
        }
    }

    @Test func allLogsTogetherAreBounded() async throws {
        try await TestGateway.run {
            $0.router.loggedBytes = 600
        } _: { gateway in
            let client = try await gateway.connect()
            try await client.joined("trade:BTC-USDC")
            for number in 1...50 {
                try await publish(gateway, "trade_notification", number)
                _ = try await client.next("trade_notification")
                let bytes = try #require(try await gateway.metric("moonx_room_log_bytes"))
                #expect((0...600).contains(bytes))
            }
            #expect(try #require(try await gateway.metric("moonx_room_logs_cleared_total")) > 0)
            await client.disconnect()
        }
    }

    @Test(arguments: [
        #"1"#, #"[]"#, #"{}"#, #"{"epoch":"a"}"#, #"{"epoch":"a","seq":-1}"#, #"{"epoch":1,"seq":1}"#, #"{"epoch":"a","seq":1.5}"#,
    ])
    func sinceHasAForm(_ since: String) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            #expect(try await client.refusal("join_room", "{\"room\":\"trade:BTC-USDC\",\"since\":\(since)}") == "INVALID_MESSAGE")
            #expect(
                try await client.ask("join_room", #"{"room":"trade:BTC-USDC","since":null}"#) == #"{"ok":true,"room":"trade:BTC-USDC"}"#
            )
            await client.disconnect()
        }
    }
}
