import Foundation
import GatewayDomain
import MarketFeed
import Testing

/// The recordings beside the repository, played and compared with what a plain reading of the files gives.
struct SharedRecordingsTests {
    @Test(.needs(SharedData.trades))
    func everyTradeDigitForDigit() throws {
        let path = SharedData.path(SharedData.trades)
        let rows = try lines(path).dropFirst().map { $0.split(separator: ",").map(String.init) }
        let events = try Recording.open(path: path).allEvents()
        #expect(rows.count == 1000)
        #expect(events.count == 3 * rows.count)

        let trades = try events.envelopes("trade_notification")
        #expect(trades.map(\.id) == rows.map { "BTC-USDT:\($0[0])" })
        #expect(trades.map(\.data.price) == rows.map { $0[1] })
        #expect(trades.map(\.data.amount) == rows.map { $0[2] })
        #expect(trades.map(\.timestamp) == rows.map { Int64($0[4]) })
        #expect(trades.map(\.data.side) == rows.map { $0[5] == "True" ? "sell" : "buy" })

        let prices = try events.envelopes("price_update")
        #expect(prices.map(\.data.price) == rows.map { $0[1] })
        // Quantities have eight decimals throughout, so their digits without the point are whole units.
        let units = try rows.reduce(Int64(0)) { try $0 + #require(Int64($1[2].replacing(".", with: ""))) }
        let volume = try #require(prices.last?.data.volume)
        #expect(Int64(volume.replacing(".", with: "")) == units)
        #expect(volume.split(separator: ".").last?.count == 8)
    }

    @Test(.needs(SharedData.trades))
    func candlesAreThoseOfTheTrades() throws {
        let path = SharedData.path(SharedData.trades)
        let rows = try lines(path).dropFirst().map { $0.split(separator: ",").map(String.init) }
        let events = try Recording.open(path: path).allEvents()
        // The last state of each minute; five decimals throughout, so the digits without the point compare as whole numbers.
        let last = Dictionary(try events.envelopes("chart_update").map { ($0.timestamp, $0.data) }, uniquingKeysWith: { $1 })
        let minutes = Dictionary(grouping: rows) { (Int64($0[4]) ?? 0) / 60_000 * 60_000 }
        #expect(Set(last.keys) == Set(minutes.keys))
        for (start, trades) in minutes {
            let candle = try #require(last[start])
            let ranked = trades.map { $0[1] }.sorted { digits($0) < digits($1) }
            #expect(candle.open == trades.first?[1])
            #expect(candle.close == trades.last?[1])
            #expect(candle.low == ranked.first)
            #expect(candle.high == ranked.last)
            #expect(candle.volume.map(digits) == trades.reduce(0) { $0 + digits($1[2]) })
        }
    }

    @Test(.needs(SharedData.orderBook))
    func theFinalBookIsThatOfTheMessages() throws {
        let path = SharedData.path(SharedData.orderBook)
        let events = try Recording.open(path: path, book: .best(10_000)).allEvents()
        #expect(events.count == 50)

        // The same book by other means: prices have four decimals throughout, so their digits order them.
        var bids: [Int: [String]] = [:]
        var asks: [Int: [String]] = [:]
        for line in try lines(path) {
            let message = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let data = try #require(message["data"] as? [String: Any])
            if message["type"] as? String == "snapshot" { (bids, asks) = ([:], [:]) }
            for level in try #require(data["b"] as? [[String]]) { bids[digits(level[0])] = level[1] == "0" ? nil : level }
            for level in try #require(data["a"] as? [[String]]) { asks[digits(level[0])] = level[1] == "0" ? nil : level }
        }
        let book = try #require(try events.envelopes("order_book_update").last)
        #expect(book.symbol == "XRP-USDT")
        #expect(book.data.bids == bids.sorted { $0.key > $1.key }.map(\.value))
        #expect(book.data.asks == asks.sorted { $0.key < $1.key }.map(\.value))
        #expect(bids.count > 400)
    }

    @Test(.needs(SharedData.orderBook), .needs(SharedData.trades))
    func bothPlayTogetherFromTheirOwnBeginnings() async throws {
        let feeds = try [SharedData.trades, SharedData.orderBook].map { try Recording.open(path: SharedData.path($0)) }
        let clock = InstantClock()
        let published = Published()
        try await FeedPlayer(feeds: feeds, speed: #require(PlaybackSpeed(50)), clock: clock).run { published.append($0) }
        #expect(published.events.count == 3050)
        // The book's five seconds lie within the first trades' minute, though they are of another year.
        #expect(try published.events.prefix(60).map { try ReadEnvelope($0).type }.filter { $0 == "order_book_update" }.count == 50)
        // The last wait ends where the last trade stands, at fifty times the pace, to the microsecond.
        let times = try lines(SharedData.path(SharedData.trades)).compactMap { Int64($0.split(separator: ",")[4]) }
        let recorded = try #require(times.last) - #require(times.first)
        let end = try #require(clock.sleeps.last)
        #expect(abs(end / .microseconds(1) - Double(recorded) * 1000 / 50) < 1)
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
    }

    private func digits(_ text: String) -> Int {
        Int(text.replacing(".", with: "")) ?? -1
    }
}
