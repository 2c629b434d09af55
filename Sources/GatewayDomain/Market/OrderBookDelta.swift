/// What turns one order book into another: levels with their new sizes, zero where a level is gone.
public struct OrderBookDelta: Hashable, Sendable {
    /// Changed bids, best first.
    public private(set) var bids: [OrderBook.Level]
    /// Changed asks, best first.
    public private(set) var asks: [OrderBook.Level]

    /// A delta of these levels.
    public init(bids: [OrderBook.Level] = [], asks: [OrderBook.Level] = []) {
        self.bids = bids
        self.asks = asks
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { bids.isEmpty && asks.isEmpty }

    /// How many levels change.
    public var levelCount: Int { bids.count + asks.count }

    /// The one delta that does what this one and then `later` do. Levels of size zero stay: whether the reader has them is not known here.
    public func followed(by later: OrderBookDelta) -> OrderBookDelta {
        OrderBookDelta(
            bids: Self.merge(bids, later.bids) { $0 > $1 },
            asks: Self.merge(asks, later.asks) { $0 < $1 }
        )
    }

    private static func merge(
        _ earlier: [OrderBook.Level],
        _ later: [OrderBook.Level],
        isBestFirst: (DecimalText, DecimalText) -> Bool
    ) -> [OrderBook.Level] {
        var merged: [DecimalText: OrderBook.Level] = [:]
        for level in earlier + later { if let price = DecimalText(level.price) { merged[price] = level } }
        return merged.sorted { isBestFirst($0.key, $1.key) }.map(\.value)
    }
}

extension OrderBook {
    /// What turns this book into `newer`. A level is the same where price and size have the same value.
    public func delta(to newer: OrderBook) -> OrderBookDelta {
        OrderBookDelta(bids: bidSide.changes(to: newer.bidSide), asks: askSide.changes(to: newer.askSide))
    }

    /// The book of the best `depth` levels of each side.
    public func top(_ depth: Int) -> OrderBook {
        var top = self
        top.bidSide.entries = Array(bidSide.entries.prefix(max(0, depth)))
        top.askSide.entries = Array(askSide.entries.prefix(max(0, depth)))
        return top
    }

    /// Changes the book as `delta` says; unchanged where a level is malformed.
    public mutating func apply(_ delta: OrderBookDelta) throws(MalformedLevel) {
        try apply(deltaBids: delta.bids, asks: delta.asks)
    }
}
