import GatewayDomain
import TestSupport
import Testing

struct OrderBookTests {
    @Test func ordersEachSideBestFirst() throws {
        var book = OrderBook()
        try book.apply(snapshotBids: levels("9.5 1", "10 2", "9.75 3"), asks: levels("11 4", "10.5 5", "10.25 6"))
        #expect(book.topBids(2) == levels("10 2", "9.75 3"))
        #expect(book.topAsks(10) == levels("10.25 6", "10.5 5", "11 4"))
        #expect(book.topAsks(0).isEmpty)
        #expect(book.levelCount == 6)
    }

    @Test func changesInsertsAndRemoves() throws {
        var book = OrderBook()
        try book.apply(snapshotBids: levels("10 1", "9 1"), asks: levels("11 1"))
        try book.apply(deltaBids: levels("10 0", "9 2", "9.5 3", "8 0"), asks: levels("12 4", "11 0.000"))
        #expect(book.topBids(10) == levels("9.5 3", "9 2"))
        #expect(book.topAsks(10) == levels("12 4"))
    }

    @Test func tellsPricesApartByValueAndKeepsTheDigits() throws {
        var book = OrderBook()
        try book.apply(snapshotBids: levels("1.8250 3100"), asks: [])
        try book.apply(deltaBids: levels("1.825 3000.50"), asks: [])
        #expect(book.topBids(10) == levels("1.825 3000.50"))
        try book.apply(deltaBids: levels("1.82500 0"), asks: [])
        #expect(book.topBids(10).isEmpty)
    }

    @Test func aSnapshotReplacesTheBook() throws {
        var book = OrderBook()
        try book.apply(snapshotBids: levels("10 1"), asks: levels("11 1"))
        try book.apply(snapshotBids: levels("20 1", "19 0"), asks: [])
        #expect(book.topBids(10) == levels("20 1"))
        #expect(book.topAsks(10).isEmpty)
    }

    @Test(arguments: ["x 1", "1 x", "-1 1", "1 -1", "1e 1"])
    func aMalformedLevelChangesNothing(bad: String) throws {
        var book = OrderBook()
        try book.apply(snapshotBids: levels("10 1"), asks: levels("11 1"))
        let error = OrderBook.MalformedLevel(level: levels(bad)[0])
        #expect(throws: error) { try book.apply(deltaBids: levels("10 5"), asks: levels("12 1", bad)) }
        #expect(throws: error) { try book.apply(snapshotBids: levels(bad), asks: []) }
        #expect(book.topBids(10) == levels("10 1"))
        #expect(book.topAsks(10) == levels("11 1"))
    }

    /// Many levels are set by another way than few.
    @Test(arguments: 0..<20) func manyAtOnceAreAsOneByOne(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (atOnce, oneByOne) = (OrderBook(), OrderBook())
        for _ in 0..<5 {
            func some() -> [OrderBook.Level] {
                let count = Int.random(in: 0...200, using: &generator)
                return (0..<count).map { _ in
                    let price = Int.random(in: 1...150, using: &generator)
                    let text = Bool.random(using: &generator) ? "\(price)" : "\(price).0"
                    return OrderBook.Level(price: text, size: "\(Int.random(in: 0...3, using: &generator))")
                }
            }
            let (bids, asks) = (some(), some())
            try atOnce.apply(deltaBids: bids, asks: asks)
            for bid in bids { try oneByOne.apply(deltaBids: [bid], asks: []) }
            for ask in asks { try oneByOne.apply(deltaBids: [], asks: [ask]) }
            #expect(atOnce.topBids(.max) == oneByOne.topBids(.max))
            #expect(atOnce.topAsks(.max) == oneByOne.topAsks(.max))
        }
    }

    @Test func levelsInAnyOrderAreBroughtInOrder() throws {
        let prices = (1...1000).map { OrderBook.Level(price: "\($0)", size: "1") }
        for (bids, asks) in [(prices, prices), (prices.reversed(), prices.reversed()), (prices.shuffled(), prices.shuffled())] {
            var book = OrderBook()
            try book.apply(snapshotBids: bids, asks: asks)
            #expect(book.topBids(.max) == prices.reversed())
            #expect(book.topAsks(.max) == prices)
        }
    }

    /// Levels written as `price size`.
    private func levels(_ texts: String...) -> [OrderBook.Level] {
        texts.map { text in
            let parts = text.split(separator: " ")
            return OrderBook.Level(price: String(parts[0]), size: String(parts[1]))
        }
    }
}
