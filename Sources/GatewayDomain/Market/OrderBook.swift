/// One instrument's order book, built from a snapshot and the deltas after it.
///
/// Prices are told apart by their exact decimal value and kept as the source wrote them, so that what comes out
/// has the digits of what went in.
public struct OrderBook: Sendable {
    /// One price of one side.
    public struct Level: Hashable, Sendable {
        /// The price, as the source wrote it.
        public var price: String
        /// What is offered at it, in the base asset, as the source wrote it; zero in a delta removes the level.
        public var size: String
        /// Whether the source wrote the price as a number of JSON, and not as a string.
        public var isPriceNumber: Bool
        /// Whether the source wrote the size as a number of JSON, and not as a string.
        public var isSizeNumber: Bool

        /// A level with price and size as the source wrote them.
        public init(price: String, size: String, isPriceNumber: Bool = false, isSizeNumber: Bool = false) {
            self.price = price
            self.size = size
            self.isPriceNumber = isPriceNumber
            self.isSizeNumber = isSizeNumber
        }

        /// What removes the level.
        var removal: Level {
            var removal = self
            removal.size = "0"
            return removal
        }
    }

    /// A level whose price or size is not a decimal number of zero or more.
    public struct MalformedLevel: Error, Hashable {
        /// The level as the source wrote it.
        public var level: Level

        /// The error about that level.
        public init(level: Level) {
            self.level = level
        }
    }

    var bidSide = Side(isBestFirst: { $0 > $1 })
    var askSide = Side(isBestFirst: { $0 < $1 })

    /// An empty book.
    public init() {}

    /// Replaces the whole book; unchanged where a level is malformed.
    public mutating func apply(snapshotBids bids: [Level], asks: [Level]) throws(MalformedLevel) {
        var fresh = OrderBook()
        try fresh.apply(deltaBids: bids, asks: asks)
        self = fresh
    }

    /// Sets each level's size, and removes those of size zero; unchanged where a level is malformed.
    public mutating func apply(deltaBids bids: [Level], asks: [Level]) throws(MalformedLevel) {
        var changedBids: [Entry] = []
        var changedAsks: [Entry] = []
        for level in bids { changedBids.append(try Entry(level)) }
        for level in asks { changedAsks.append(try Entry(level)) }
        bidSide.set(changedBids)
        askSide.set(changedAsks)
    }

    /// The best bids, highest price first, at most `count`.
    public func topBids(_ count: Int) -> [Level] { bidSide.top(count) }

    /// The best asks, lowest price first, at most `count`.
    public func topAsks(_ count: Int) -> [Level] { askSide.top(count) }

    /// How many levels both sides have together.
    public var levelCount: Int { bidSide.entries.count + askSide.entries.count }
}
