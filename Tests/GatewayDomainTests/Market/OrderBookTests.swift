import GatewayDomain
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

    /// Levels written as `price size`.
    private func levels(_ texts: String...) -> [OrderBook.Level] {
        texts.map { text in
            let parts = text.split(separator: " ")
            return OrderBook.Level(price: String(parts[0]), size: String(parts[1]))
        }
    }
}
