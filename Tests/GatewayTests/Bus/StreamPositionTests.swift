import Testing

@testable import Gateway

@Suite("StreamPosition")
struct StreamPositionTests {
    private typealias ID = StreamPosition.ID
    private typealias Info = StreamPosition.Info

    private func id(_ milliseconds: UInt64) -> ID { ID(milliseconds: milliseconds, number: 0) }

    @Test func idsAreReadAndCompared() throws {
        #expect(ID("1700000000000-3")?.description == "1700000000000-3")
        #expect(try #require(ID("2-10")) > #require(ID("2-9")))
        #expect(try #require(ID("10-0")) > #require(ID("9-99")))
        for text in ["", "1", "1-", "-1", "1-2-3", "a-1"] { #expect(ID(text) == nil) }
    }

    @Test func readingBeginsAtTheEnd() {
        let position = StreamPosition(atEndOf: Info(added: 10, length: 4, first: id(7), last: id(10)))
        #expect(position.id == id(10))
    }

    @Test func whatIsTrimmedAfterItWasReadIsNoGap() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 10, first: id(1), last: id(10)))
        position.read([id(11), id(12)])
        #expect(position.check(Info(added: 12, length: 1, first: id(12), last: id(12), holdsPosition: true)) == false)
        // All that was read is gone, and nothing else.
        #expect(position.check(Info(added: 15, length: 3, first: id(13), last: id(15))) == false)
        #expect(position.check(Info(added: 12, length: 0, first: nil, last: id(12))) == false)
        #expect(position.id == id(12))
    }

    @Test func whatIsTrimmedBeforeItWasReadIsAGapOnce() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 10, first: id(1), last: id(10)))
        position.read([id(11)])
        let info = Info(added: 14, length: 1, first: id(14), last: id(14))
        #expect(position.check(info) == true)
        #expect(position.check(info) == false)
        position.read([id(14)])
        #expect(position.check(Info(added: 14, length: 1, first: id(14), last: id(14), holdsPosition: true)) == false)
    }

    @Test func aStreamThatRedisHasLostIsAGapAndWhatIsAddedSinceIsRead() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 10, first: id(1), last: id(10)))
        #expect(position.check(Info(added: 2, length: 2, first: id(11), last: id(12))) == true)
        #expect(position.id == id(10))
        position.read([id(11), id(12)])
        #expect(position.check(Info(added: 2, length: 2, first: id(11), last: id(12), holdsPosition: true)) == false)
        #expect(position.check(Info()) == true)
        #expect(position.id == .zero)
    }

    @Test func aStreamThatHasLostItsEndIsAGapAndNothingIsReadTwice() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 10, first: id(1), last: id(10)))
        // A replica that was behind has taken over.
        #expect(position.check(Info(added: 8, length: 8, first: id(1), last: id(8))) == true)
        #expect(position.id == id(8))
        position.read([id(20)])
        #expect(position.check(Info(added: 9, length: 9, first: id(1), last: id(20), holdsPosition: true)) == false)
    }

    /// As many or more have been added before it was looked.
    @Test func aStreamThatRedisHasLostIsAGapHoweverMuchIsAddedSince() {
        var position = StreamPosition(atEndOf: Info())
        position.read([id(1)])
        let info = Info(added: 3, length: 3, first: id(2), last: id(4))
        #expect(position.check(info) == true)
        #expect(position.check(info) == false)
        #expect(position.id == id(1))
    }

    @Test func aStreamThatHasLostItsEndIsAGapHoweverMuchIsAddedSince() {
        var position = StreamPosition(atEndOf: Info(added: 7, length: 7, first: id(1), last: id(7)))
        position.read([id(8), id(9), id(10)])
        // The replica had eight of them, and has got four.
        let info = Info(added: 12, length: 12, first: id(1), last: id(14))
        #expect(position.check(info) == true)
        #expect(position.check(info) == false)
        #expect(position.id == id(10))
        position.read([id(11)])
        #expect(position.check(Info(added: 12, length: 12, first: id(1), last: id(14), holdsPosition: true)) == false)
    }

    /// The last entry may be gone for long where reading begins.
    @Test func whereNothingHasBeenReadNothingNeedBeThere() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 4, first: id(1), last: id(10)))
        #expect(position.check(Info(added: 10, length: 4, first: id(1), last: id(10))) == false)
    }

    @Test func aStreamThatIsEmptiedBeforeItWasReadIsAGap() {
        var position = StreamPosition(atEndOf: Info(added: 10, length: 10, first: id(1), last: id(10)))
        let info = Info(added: 12, length: 0, first: nil, last: id(12))
        #expect(position.check(info) == true)
        #expect(position.check(info) == false)
    }

    @Test func aStreamThatIsNotThereYetIsReadFromItsBeginning() {
        var position = StreamPosition(atEndOf: Info())
        #expect(position.id == .zero)
        #expect(position.check(Info()) == false)
        #expect(position.check(Info(added: 2, length: 2, first: id(1), last: id(2))) == false)
    }
}
