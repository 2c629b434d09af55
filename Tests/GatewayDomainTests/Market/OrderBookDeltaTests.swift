import Testing

@testable import GatewayDomain

struct OrderBookDeltaTests {
    @Test func saysWhatChangedWhatIsNewAndWhatIsGone() throws {
        let older = try book(bids: "10 1", "9 2", "8 3", asks: "11 1", "12 2")
        let newer = try book(bids: "10 1.0", "9.5 4", "8 5", asks: "10.5 7", "11 1", "13 2")
        let delta = older.delta(to: newer)
        #expect(delta.bids == levels("9.5 4", "9 0", "8 5"))
        #expect(delta.asks == levels("10.5 7", "12 0", "13 2"))
        #expect(delta.levelCount == 6)
        #expect(older.delta(to: older).isEmpty)
    }

    @Test func fromNothingItIsTheBookAndToNothingItsRemoval() throws {
        let full = try book(bids: "10 1", asks: "11 1", "12 2")
        #expect(OrderBook().delta(to: full) == OrderBookDelta(bids: levels("10 1"), asks: levels("11 1", "12 2")))
        #expect(full.delta(to: OrderBook()) == OrderBookDelta(bids: levels("10 0"), asks: levels("11 0", "12 0")))
    }

    @Test func twoDeltasAreOneInWhichTheLaterWinsAndZerosStay() {
        let first = OrderBookDelta(bids: levels("10 1", "9 0"), asks: levels("11 1"))
        let second = OrderBookDelta(bids: levels("10.0 0", "9.5 2"), asks: [])
        let both = first.followed(by: second)
        #expect(both.bids == levels("10.0 0", "9.5 2", "9 0"))
        #expect(both.asks == levels("11 1"))
    }

    @Test func theTopIsABookOfItsOwn() throws {
        let top = try book(bids: "10 1", "9 2", "8 3", asks: "11 1").top(2)
        #expect(top.topBids(10) == levels("10 1", "9 2"))
        #expect(top.topAsks(10) == levels("11 1"))
        #expect(top.top(-1).levelCount == 0)
    }

    /// Whatever the changes: the deltas of the way, one by one or merged, lead to the same book as the way.
    @Test(arguments: 0..<20) func deltasLeadToTheSameBook(seed: UInt64) throws {
        var state = seed &* 6_364_136_223_846_793_005 &+ 1
        func random(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33 % bound)
        }
        var book = OrderBook()
        var follower = OrderBook()
        var merged = OrderBookDelta()
        let start = book
        for _ in 0..<60 {
            let before = book
            let changed = (0..<random(5)).map { _ in OrderBook.Level(price: "1.\(10 + random(30))", size: "\(random(3))") }
            try book.apply(deltaBids: changed, asks: [])
            let delta = before.delta(to: book)
            try follower.apply(delta)
            merged = merged.followed(by: delta)
            #expect(follower.topBids(99) == book.topBids(99))
        }
        var jumper = start
        try jumper.apply(merged)
        #expect(jumper.topBids(99) == book.topBids(99))
    }

    /// The values are those of zlib's `crc32`.
    @Test func theChecksumIsThatOfTheTenBestLevels() throws {
        var crc = CRC32()
        crc.update("123456789".utf8)
        #expect(crc.value == 0xCBF4_3926)
        #expect(OrderBook().checksum == 0)
        // "10:1:11:3:9:2"
        #expect(try book(bids: "10 1", "9 2", asks: "11 3").checksum == 0x6A18A645)
        var deep = OrderBook()
        try deep.apply(deltaBids: [], asks: (11..<23).map { OrderBook.Level(price: "\($0)", size: "1") })
        #expect(deep.levelCount == 12)
        #expect(deep.checksum == deep.top(10).checksum)
    }

    private func book(bids: String..., asks: String...) throws -> OrderBook {
        var book = OrderBook()
        try book.apply(deltaBids: bids.map(level), asks: asks.map(level))
        return book
    }

    private func levels(_ texts: String...) -> [OrderBook.Level] { texts.map(level) }

    /// A level written as `price size`.
    private func level(_ text: String) -> OrderBook.Level {
        let parts = text.split(separator: " ").map(String.init)
        return OrderBook.Level(price: parts[0], size: parts[1])
    }
}
