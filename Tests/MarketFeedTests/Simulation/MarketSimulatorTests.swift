import GatewayDomain
import Testing

@testable import MarketFeed

struct MarketSimulatorTests {
    private static let start: Int64 = 1_700_000_000_000
    private let simulator = MarketSimulator(seed: 7, start: start)

    @Test func sameSeedSameMarkets() {
        let events = Array(simulator.prefix(500))
        #expect(Array(simulator.prefix(500)) == events)
        #expect(Array(MarketSimulator(seed: 8, start: Self.start).prefix(500)) != events)
    }

    @Test func everyInstrumentHasAPriceAndABookAtOnce() throws {
        let first = try simulator.prefix { $0.due == .zero }.map { try ReadEnvelope($0) }
        let symbols = Set(["BTC-USDC", "ETH-USDC", "SOL-USDC", "XRP-USDT", "BTC-USDT"])
        #expect(Set(simulator.instruments.map(\.description)) == symbols)
        for type in ["price_update", "order_book_update", "trade_notification", "chart_update"] {
            #expect(Set(first.filter { $0.type == type }.map(\.symbol)) == symbols)
        }
    }

    @Test func aboutTwentyEventsASecondInOrder() {
        let events = simulator.prefix { $0.due < .seconds(120) }
        #expect((18 * 120...22 * 120).contains(events.count))
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.due <= $1.due })
    }

    @Test func pricesHaveTheDigitsOfTheirMarket() throws {
        let decimals = ["BTC-USDC": 2, "ETH-USDC": 2, "SOL-USDC": 2, "XRP-USDT": 4, "BTC-USDT": 2]
        for event in simulator.prefix(20_000) {
            let envelope = try ReadEnvelope(event)
            let texts = [envelope.data.price, envelope.data.open, envelope.data.close] + (envelope.data.bids ?? []).map { $0[0] }
            for text in texts.compactMap({ $0 }) {
                let price = try #require(DecimalText(text))
                #expect(price.unscaled > 0)
                #expect(price.scale == decimals[envelope.symbol])
            }
        }
    }

    @Test func booksAreSortedAndNotCrossed() throws {
        for book in try Array(simulator.prefix(2_000)).envelopes("order_book_update").map(\.data) {
            let bids = try #require(book.bids).compactMap { DecimalText($0[0]) }
            let asks = try #require(book.asks).compactMap { DecimalText($0[0]) }
            #expect(bids.count == 25 && asks.count == 25)
            #expect(zip(bids, bids.dropFirst()).allSatisfy { $0 > $1 })
            #expect(zip(asks, asks.dropFirst()).allSatisfy { $0 < $1 })
            #expect(bids[0] < asks[0])
        }
    }

    @Test func timestampsCountFromTheStart() throws {
        for event in simulator.prefix(2_000) {
            let envelope = try ReadEnvelope(event)
            guard envelope.type != "chart_update" else { continue }
            #expect(Duration.milliseconds(envelope.timestamp - Self.start) == event.due)
        }
    }

    @Test func idsAreNeverUsedTwice() throws {
        let later = MarketSimulator(seed: 7, start: Self.start + 1)
        let ids = try (Array(simulator.prefix(3_000)) + Array(later.prefix(3_000))).envelopes("trade_notification").compactMap(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.count > 1_000)
    }

    @Test func theGeneratorGivesTheKnownNumbers() {
        var random = SplitMix64(seed: 1_234_567)
        let numbers = (0..<3).map { _ in random.next() }
        #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }
}
