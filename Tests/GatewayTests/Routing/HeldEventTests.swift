import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

/// As many events wait for a last value as may.
@Suite("The bound on events that wait", .timeLimit(.minutes(1)))
struct HeldEventTests {
    private static let bound = 2

    private func joined(_ names: [String], _ body: (StubBus, SocketIOClient) async throws -> Void) async throws {
        try await TestGateway.run({ $0.router.maxHeldEvents = Self.bound }) { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            for (index, name) in names.enumerated() {
                async let answer = client.ask("join_room", #"{"room":"\#(name)"}"#)
                try await bus.expect(names.prefix(index + 1).map { "+\($0)" })
                try await bus.confirm(name)
                _ = try await answer
                _ = try await client.next("room_joined")
            }
            try await body(bus, client)
            await client.disconnect()
        }
    }

    private func price(_ number: Int, of symbol: String = "BTC-USDC") -> String {
        #"{"type":"price_update","symbol":"\#(symbol)","timestamp":\#(number),"data":{"n":\#(number)}}"#
    }

    private func book(_ bid: String, at timestamp: Int, isDelta: Bool) -> String {
        let delta = isDelta ? #","delta":true"# : ""
        let data = #"{"bids":[["\#(bid)","1"]],"asks":[]}"#
        return #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":\#(timestamp)\#(delta),"data":\#(data)}"#
    }

    /// The prices of the bids that the client gets next.
    private func bids(_ client: SocketIOClient) async throws -> [String] {
        let text = try await client.next("order_book_update").raw("bids").map { String(decoding: $0, as: UTF8.self) }
        return text?.split(separator: "\"").map(String.init).filter { Int($0) ?? 0 > 1 } ?? []
    }

    @Test func theNewestPriceTakesThePlaceOfAnOlderOne() async throws {
        let room = "price:BTC-USDC"
        try await joined([room]) { bus, client in
            try await bus.cut()
            for number in 1...4 { try await bus.bring(price(number), by: room) }
            #expect(try await bus.statistics()?.held == Self.bound)
            try await bus.fetch(room)
            try await bus.bring(price(5), by: room)
            try await bus.catchUp(room, last: [price(4)])
            let snapshot = try await client.next("price_update")
            #expect(snapshot.integer("n") == 4)
            #expect(snapshot.bool("snapshot") == true)
            let newest = try await client.next("price_update")
            #expect(newest.integer("n") == 5)
            #expect(newest.string("epoch") == snapshot.string("epoch"))
            #expect(newest.integer("seq") == 1)
            #expect(try await bus.statistics()?.held == 0)
            #expect(try await bus.statistics()?.overflows == 0)
        }
    }

    @Test func theFirstPriceOfARoomHasAPlaceAlsoWhereOthersHaveTakenAll() async throws {
        try await joined(["price:BTC-USDC", "price:ETH-USDC"]) { bus, client in
            try await bus.cut()
            for number in 1...2 { try await bus.bring(price(number), by: "price:BTC-USDC") }
            for number in 3...4 { try await bus.bring(price(number, of: "ETH-USDC"), by: "price:ETH-USDC") }
            #expect(try await bus.statistics()?.held == Self.bound + 1)
            for room in ["price:BTC-USDC", "price:ETH-USDC"] { try await bus.catchUp(room, last: []) }
            for (number, place) in [(1, 1), (2, 2), (4, 1)] {
                let event = try await client.next("price_update")
                #expect(event.integer("n") == Int64(number))
                #expect(event.integer("seq") == Int64(place))
            }
            #expect(try await bus.statistics()?.held == 0)
        }
    }

    @Test func theNewestCandleOfEachIntervalWaits() async throws {
        let room = "chart:BTC"
        func candle(_ interval: String, _ number: Int) -> String {
            let data = #"{"interval":"\#(interval)","n":\#(number)}"#
            return #"{"type":"chart_update","symbol":"BTC-USDC","timestamp":\#(number),"data":\#(data)}"#
        }
        try await joined([room]) { bus, client in
            try await bus.cut()
            try await bus.bring(candle("1m", 1), by: room)
            try await bus.bring(candle("5m", 2), by: room)
            try await bus.bring(candle("1m", 3), by: room)
            try await bus.bring(candle("1h", 4), by: room)
            try await bus.catchUp(room, last: [])
            for number in [2, 3, 4] { #expect(try await client.next("chart_update").integer("n") == Int64(number)) }
        }
    }

    @Test func aWholeBookNeedsNothingOfWhatWaitsBeforeIt() async throws {
        let room = "orderbook:BTC-USDC"
        try await joined([room]) { bus, client in
            try await bus.cut()
            for number in 11...13 { try await bus.bring(book("\(number)", at: number, isDelta: true), by: room) }
            #expect(try await bus.statistics()?.overflows == 1)
            try await bus.bring(book("20", at: 20, isDelta: false), by: room)
            try await bus.bring(book("21", at: 21, isDelta: true), by: room)
            try await bus.catchUp(room, last: [book("10", at: 10, isDelta: false)])
            #expect(try await bids(client) == ["10"])
            #expect(try await bids(client) == ["20"])
            #expect(try await bids(client) == ["21", "20"])
            // Nothing is missing in it.
            try await bus.bring(book("22", at: 22, isDelta: true), by: room)
            #expect(try await bids(client) == ["22", "21", "20"])
        }
    }

    @Test func behindAChangeThatFoundNoPlaceTheBookIsUnknown() async throws {
        let room = "orderbook:BTC-USDC"
        try await joined([room]) { bus, client in
            try await bus.cut()
            try await bus.fetch(room)
            for number in 11...13 { try await bus.bring(book("\(number)", at: number, isDelta: true), by: room) }
            try await bus.catchUp(room, last: [book("10", at: 10, isDelta: false)])
            for expected in [["10"], ["11", "10"], ["12", "11", "10"]] { #expect(try await bids(client) == expected) }
            try await bus.bring(book("14", at: 14, isDelta: true), by: room)
            try await bus.bring(book("30", at: 30, isDelta: false), by: room)
            #expect(try await bids(client) == ["30"])
        }
    }
}
