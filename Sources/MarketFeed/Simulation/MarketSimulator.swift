import GatewayDomain

/// Invented markets for development and demonstrations: BTC, ETH and SOL against USDC, BTC and XRP against USDT.
///
/// Every instrument has a trade, a price, a candle and a book at once, then about 20 events a second come in all,
/// without end. The same seed and start give the same events, byte for byte.
public struct MarketSimulator: Feed, Sequence {
    private let seed: UInt64
    private let start: Int64

    /// Markets drawn from a seed.
    ///
    /// - Parameters:
    ///   - seed: Which of the possible markets.
    ///   - start: What the timestamps count from, in milliseconds since 1970: the time at which playing begins.
    public init(seed: UInt64, start: Int64) {
        self.seed = seed
        self.start = start
    }

    /// What the feed is called in messages to the operator.
    public var name: String { "simulator" }

    /// The instruments simulated.
    public var instruments: [Instrument] { Self.characters.map(\.instrument) }

    /// The markets from their start; they never end, so there is one round only.
    public func events(round: Int = 0) -> any FeedCursor { makeIterator() }

    /// The markets from their start.
    public func makeIterator() -> Iterator {
        Iterator(seed: seed, start: start)
    }

    /// The events of all markets in order, without end.
    public struct Iterator: FeedCursor, IteratorProtocol, Sendable {
        private var markets: [SimulatedMarket]
        private var due: Int64 = 0
        private var waiting: [String] = []

        fileprivate init(seed: UInt64, start: Int64) {
            var seeds = SplitMix64(seed: seed)
            markets = MarketSimulator.characters.map { SimulatedMarket($0, seed: seeds.next(), start: start) }
        }

        /// The next event; there always is one.
        public mutating func next() -> FeedEvent? {
            if waiting.isEmpty, let soonest = markets.indices.min(by: { markets[$0].nextDue < markets[$1].nextDue }) {
                due = markets[soonest].nextDue
                waiting = markets[soonest].step().reversed()
            }
            return waiting.popLast().map { FeedEvent(due: .milliseconds(due), envelope: $0) }
        }
    }

    private static let characters: [SimulatedMarket.Character] = [
        .init(
            instrument: Instrument("BTC-USDC")!,
            startTicks: 10_486_250,
            priceScale: 2,
            levelStep: 50,
            largestMove: 1_200,
            sizeScale: 5,
            largestTrade: 60_000
        ),
        .init(
            instrument: Instrument("ETH-USDC")!,
            startTicks: 351_240,
            priceScale: 2,
            levelStep: 4,
            largestMove: 80,
            sizeScale: 4,
            largestTrade: 90_000
        ),
        .init(
            instrument: Instrument("SOL-USDC")!,
            startTicks: 16_418,
            priceScale: 2,
            levelStep: 2,
            largestMove: 12,
            sizeScale: 3,
            largestTrade: 150_000
        ),
        .init(
            instrument: Instrument("XRP-USDT")!,
            startTicks: 23_150,
            priceScale: 4,
            levelStep: 2,
            largestMove: 14,
            sizeScale: 1,
            largestTrade: 60_000
        ),
        .init(
            instrument: Instrument("BTC-USDT")!,
            startTicks: 10_487_800,
            priceScale: 2,
            levelStep: 50,
            largestMove: 1_200,
            sizeScale: 5,
            largestTrade: 60_000
        ),
    ]
}
