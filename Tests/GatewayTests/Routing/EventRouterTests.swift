import JSONScan
import NIOCore
import NIOPosix
import SocketIOClient
import Testing

@testable import Gateway

@Suite("EventRouter", .timeLimit(.minutes(1)))
struct EventRouterTests {
    private func price(_ number: Int, symbol: String = "BTC-USDC") -> String {
        #"{"type":"price_update","symbol":"\#(symbol)","data":{"n":\#(number)},"timestamp":1}"#
    }

    @Test func aSnapshotThenUpdatesWithoutGapOrRepeatWhilePublishing() async throws {
        try await TestGateway.run { gateway in
            let last = 600
            var clients: [SocketIOClient] = []
            // Two loops, and the router lives on one of them.
            for _ in 0..<8 { clients.append(try await gateway.connect()) }
            try await withThrowingTaskGroup { group in
                group.addTask { for number in 1...last { try await gateway.server.publish(json: price(number)) } }
                for client in clients {
                    group.addTask {
                        try await client.joined("price:BTC-USDC")
                        var before: (epoch: String?, seq: Int64)?
                        while before.map({ $0.seq < last }) ?? true {
                            let update = try await client.next("price_update")
                            let seq = try #require(update.integer("seq"))
                            #expect(update.integer("n") == seq)
                            if let before {
                                #expect(seq == before.seq + 1)
                                #expect(update.string("epoch") == before.epoch)
                                #expect(update.bool("snapshot") == nil)
                            } else {
                                #expect(update.bool("snapshot") == (seq > 1 ? true : update.bool("snapshot")))
                            }
                            before = (update.string("epoch"), seq)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for client in clients { await client.disconnect() }
        }
    }

    @Test func eachRoomHasItsOwnEpochAndNumbers() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await client.joined("price:ETH-USDC")
            var seen: [[String]] = []
            for symbol in ["BTC-USDC", "ETH-USDC", "BTC-USDC"] {
                try await gateway.server.publish(json: price(1, symbol: symbol))
                let update = try await client.next("price_update")
                seen.append([update.string("symbol"), update.integer("seq").map { "\($0)" }, update.string("epoch")].map { $0 ?? "" })
            }
            #expect(seen.map { $0[0...1].joined(separator: " ") } == ["BTC-USDC 1", "ETH-USDC 1", "BTC-USDC 2"])
            #expect(seen[0][2] == seen[2][2])
            #expect(seen[0][2] != seen[1][2])
            #expect(!seen[0][2].isEmpty)
            await client.disconnect()
        }
    }

    @Test func aChartHasASnapshotOfEachInterval() async throws {
        try await TestGateway.run { gateway in
            for interval in [#""1m""#, #""5m""#, "60", #""1m""#, "300"] {
                try await gateway.server.publish(
                    json: #"{"type":"chart_update","symbol":"BTC-USDC","data":{"interval":\#(interval)},"timestamp":1}"#
                )
            }
            let client = try await gateway.connect()
            #expect(try await client.ask("subscribe_chart", #"{"symbol":"btc"}"#) == #"{"ok":true,"symbol":"BTC"}"#)
            #expect(try await client.next() == #"chart_subscribed {"symbol":"BTC"}"#)
            for (interval, seq) in [(#""1m""#, 4), (#""5m""#, 2), ("60", 3), ("300", 5)] {
                let update = try await client.next("chart_update")
                #expect(update.raw("interval").map { String(decoding: $0, as: UTF8.self) } == interval)
                #expect(update.integer("seq") == Int64(seq))
                #expect(update.bool("snapshot") == true)
            }
            await client.disconnect()
        }
    }

    @Test func whoLeftGetsNothingAndOnJoiningAgainTheLastValue() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await gateway.server.publish(json: price(1))
            let first = try await client.next("price_update")
            #expect(first.bool("snapshot") == nil)
            #expect(try await client.ask("leave_room", #"{"room":"price:BTC-USDC"}"#) == #"{"ok":true,"room":"price:BTC-USDC"}"#)
            #expect(try await client.next() == #"room_left {"room":"price:BTC-USDC"}"#)
            // Leaving where one is not is confirmed too.
            #expect(try await client.ask("leave_room", #"{"room":"price:BTC-USDC"}"#) == #"{"ok":true,"room":"price:BTC-USDC"}"#)
            #expect(try await client.next() == #"room_left {"room":"price:BTC-USDC"}"#)
            try await gateway.server.publish(json: price(2))
            try await client.joined("price:BTC-USDC")
            let again = try await client.next("price_update")
            #expect(again.bool("snapshot") == true)
            #expect(again.integer("seq") == 2)
            #expect(again.string("epoch") == first.string("epoch"))
            await client.disconnect()
        }
    }

    @Test func joinAndLeaveSentAtOnceKeepTheirOrder() async throws {
        try await TestGateway.run { gateway in
            for _ in 0..<2 {
                let client = try await gateway.connect()
                for event in ["join_room", "leave_room", "join_room", "leave_room"] {
                    try await client.emit(event, json: #"{"room":"trade:BTC-USDC"}"#)
                }
                for event in ["room_joined", "room_left", "room_joined", "room_left"] { _ = try await client.next(event) }
                #expect(try await gateway.metric("moonx_rooms_with_members") == 0)
                await client.disconnect()
            }
        }
    }

    @Test func aRepeatedJoinCountsOnce() async throws {
        try await TestGateway.run {
            $0.router.linger = .zero
            // With it rooms are followed for longer.
            $0.recovery = nil
        } _: { gateway in
            for _ in 0..<2 {
                let client = try await gateway.connect()
                for _ in 0..<3 { try await client.joined("trade:BTC-USDC") }
                #expect(try await gateway.metric("moonx_rooms_with_members") == 1)
                try await gateway.server.publish(json: #"{"type":"trade_notification","symbol":"BTC-USDC","data":{}}"#)
                _ = try await client.next("trade_notification")
                _ = try await client.ask("leave_room", #"{"room":"trade:BTC-USDC"}"#)
                #expect(try await client.next() == #"room_left {"room":"trade:BTC-USDC"}"#)
                #expect(try await gateway.metric("moonx_rooms_with_members") == 0)
                #expect(try await gateway.metric("moonx_rooms") == 0)
                await client.disconnect()
            }
        }
    }

    @Test func aRoomWithoutMembersAndValueIsForgotten() async throws {
        try await TestGateway.run {
            $0.router.linger = .zero
            // With it rooms are followed for longer.
            $0.recovery = nil
        } _: { gateway in
            var epochs: [String?] = []
            for _ in 0..<2 {
                let client = try await gateway.connect()
                try await client.joined("trade:BTC-USDC")
                try await client.joined("price:BTC-USDC")
                try await gateway.server.publish(json: #"{"type":"trade_notification","symbol":"BTC-USDC","data":{}}"#)
                let trade = try await client.next("trade_notification")
                #expect(trade.integer("seq") == 1)
                epochs.append(trade.string("epoch"))
                await client.disconnect()
                #expect(try await gateway.metric("moonx_rooms") == 0)
            }
            #expect(epochs[0] != epochs[1])
            try await gateway.server.publish(json: price(1))
            #expect(try await gateway.metric("moonx_rooms") == 1)
        }
    }

    @Test func aRepeatedIDIsDropped() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await client.joined("trade:BTC-USDC")
            for id in ["a", "a", "b"] {
                try await gateway.server.publish(json: #"{"type":"trade_notification","symbol":"BTC-USDC","id":"\#(id)","data":{}}"#)
            }
            for id in ["a", "b"] { #expect(try await client.next("trade_notification").string("id") == id) }
            #expect(try await gateway.metric("moonx_events_duplicate_total") == 1)
            await client.disconnect()
        }
    }
}
