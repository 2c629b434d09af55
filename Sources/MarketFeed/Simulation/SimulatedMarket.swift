import GatewayDomain

/// One simulated instrument: a price that wanders, trades at it, a book around it. Whole numbers throughout.
struct SimulatedMarket {
    /// How an instrument behaves.
    struct Character {
        var instrument: Instrument
        /// The price at the start, in ticks.
        var startTicks: Int64
        /// Decimals of a price: one tick is the last of them.
        var priceScale: Int
        /// How many ticks lie between two levels of the book.
        var levelStep: Int64
        /// The largest move of the price at one change of the book, in ticks.
        var largestMove: Int64
        /// Decimals of a quantity.
        var sizeScale: Int
        /// The largest quantity of one trade, in units of its last decimal; a book level holds up to eight times as much.
        var largestTrade: Int64
    }

    private static let depth = 25
    private static let changedLevels = 6
    /// Gaps in milliseconds: 0.8 trades of three events each, and 1.6 books, a second and instrument.
    private static let tradeGap: ClosedRange<Int64> = 400...2_100
    private static let bookGap: ClosedRange<Int64> = 350...900

    private let character: Character
    /// Milliseconds since 1970.
    private let start: Int64
    private var random: SplitMix64
    private var tape: TradeTape
    private var middle: Int64
    private var bidSizes: [Int64] = []
    private var askSizes: [Int64] = []
    private var tradeCount = 0
    /// When the next trade and the next book are due, in milliseconds after the start.
    private var nextTrade: Int64 = 0
    private var nextBook: Int64 = 0

    init(_ character: Character, seed: UInt64, start: Int64) {
        self.character = character
        self.start = start
        self.random = SplitMix64(seed: seed)
        self.tape = TradeTape(instrument: character.instrument, source: .simulator)
        self.middle = character.startTicks
        for _ in 0..<Self.depth {
            bidSizes.append(levelSize())
            askSizes.append(levelSize())
        }
    }

    /// When the market's next event is due, in milliseconds after the start.
    var nextDue: Int64 { min(nextTrade, nextBook) }

    /// The envelopes due at `nextDue`: those of a trade, or that of a book.
    mutating func step() -> [String] {
        if nextTrade <= nextBook {
            defer { nextTrade += random.number(in: Self.tradeGap) }
            return trade(at: nextTrade)
        }
        defer { nextBook += random.number(in: Self.bookGap) }
        return [book(at: nextBook)]
    }

    private mutating func trade(at due: Int64) -> [String] {
        let isBuy = random.number(in: 0...1) == 1
        // The smallest of three draws: small trades are common, large ones rare.
        let drawn = (0..<3).map { _ in random.number(in: 1...character.largestTrade) }.min() ?? 1
        tradeCount += 1
        let trade = Trade(
            // The start is part of the id: a gateway started anew must not take these trades for those of the run before.
            id: "sim-\(start)-\(tradeCount)",
            price: Trade.Amount(price(isBuy ? middle + spread : middle - spread)),
            quantity: Trade.Amount(size(drawn)),
            side: isBuy ? .buy : .sell,
            microseconds: (start + due) * 1000
        )
        // 38 digits of volume take longer to trade than the universe has left.
        return (try? tape.record(trade)) ?? []
    }

    private mutating func book(at due: Int64) -> String {
        move()
        for _ in 0..<Self.changedLevels {
            bidSizes[randomLevel()] = levelSize()
            askSizes[randomLevel()] = levelSize()
        }
        let bids = levels(bidSizes, first: middle - spread, step: -character.levelStep)
        let asks = levels(askSizes, first: middle + spread, step: character.levelStep)
        return MarketEnvelope(
            type: .orderBookUpdate,
            instrument: character.instrument,
            data: #""bids":\#(bids),"asks":\#(asks)"#,
            timestamp: start + due,
            source: .simulator
        ).json
    }

    /// A random walk, kept between half and twice the price at the start so that it never ends at nothing.
    private mutating func move() {
        // The sum of two even draws: small moves are commoner than large ones.
        let half = character.largestMove / 2
        let moved = middle + random.number(in: -half...half) + random.number(in: -half...half)
        middle = min(max(moved, character.startTicks / 2), character.startTicks * 2)
    }

    private var spread: Int64 { max(1, character.levelStep / 2) }

    private mutating func randomLevel() -> Int {
        Int(random.number(in: 0...Int64(Self.depth - 1)))
    }

    private mutating func levelSize() -> Int64 {
        random.number(in: 1...character.largestTrade * 8)
    }

    private func levels(_ sizes: [Int64], first: Int64, step: Int64) -> String {
        let pairs = sizes.enumerated().map { index, units in
            #"["\#(price(first + Int64(index) * step))","\#(size(units))"]"#
        }
        return "[" + pairs.joined(separator: ",") + "]"
    }

    private func price(_ ticks: Int64) -> DecimalText {
        DecimalText(unscaled: Int128(ticks), scale: character.priceScale)!
    }

    private func size(_ units: Int64) -> DecimalText {
        DecimalText(unscaled: Int128(units), scale: character.sizeScale)!
    }
}
