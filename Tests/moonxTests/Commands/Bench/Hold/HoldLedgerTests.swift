import Testing

@testable import moonx

@Suite("HoldLedger")
struct HoldLedgerTests {
    /// Two rooms; five prices and two alerts, then the alert that says so.
    private var ledger = HoldLedger(rooms: 2)

    private func price(_ number: Int, seq: Int64? = nil, seqFirst: Int64? = nil, snapshot: Bool = false) -> NumberedEvent {
        var event = NumberedEvent(kind: .price)
        event.number = number
        event.seq = seq ?? Int64(number + 1)
        event.seqFirst = seqFirst
        event.isSnapshot = snapshot
        return event
    }

    private func alert(_ number: Int, prices: Int? = nil) -> NumberedEvent {
        var event = NumberedEvent(kind: .alert)
        event.number = number
        event.prices = prices
        return event
    }

    /// Everything that a member of the first room must get.
    private var everything: [NumberedEvent] { [alert(0), price(0), price(1), alert(1), price(2), alert(2, prices: 5)] }

    private mutating func receive(_ events: [NumberedEvent], by seat: Int) {
        for event in events { ledger.received(event, by: seat) }
    }

    @Test mutating func everythingOnceAndInOrderIsComplete() {
        let (first, second) = (ledger.join(room: 0), ledger.join(room: 1))
        receive(everything, by: first)
        #expect(!ledger.isComplete)
        #expect(ledger.total?.prices == 5 && ledger.total?.alerts == 3)

        receive([alert(0), price(0), alert(1), price(1), alert(2, prices: 5)], by: second)

        #expect(ledger.isComplete)
        #expect(ledger.summary.faults == 0)
        #expect(ledger.summary.prices == 5 && ledger.summary.alerts == 6 && ledger.summary.connections == 2)
        #expect(ledger.summary.fewest == (2, 3) && ledger.summary.most == (3, 3))
    }

    @Test mutating func nothingIsCompleteBeforeTheEndIsKnown() {
        let seat = ledger.join(room: 0)
        receive([alert(0), price(0)], by: seat)
        #expect(!ledger.isComplete)
        #expect(ledger.summary.lost == 0)
    }

    @Test mutating func pricesMayComeAfterTheLastAlert() {
        let seat = ledger.join(room: 0)
        receive([alert(0), price(0), price(1), alert(1), alert(2, prices: 5)], by: seat)
        #expect(!ledger.isComplete)
        receive([price(2)], by: seat)
        #expect(ledger.isComplete && ledger.summary.faults == 0)
    }

    @Test(arguments: 0..<6)
    mutating func eachSingleEventThatIsMissingIsFound(_ missing: Int) {
        let (seat, other) = (ledger.join(room: 0), ledger.join(room: 0))
        receive(everything, by: other)
        var events = everything
        events.remove(at: missing)

        receive(events, by: seat)

        #expect(!ledger.isComplete)
        #expect(ledger.summary.lost == 1 && ledger.summary.unfinished == 1)
    }

    @Test(arguments: 0..<6)
    mutating func eachSingleEventThatComesTwiceIsFound(_ twice: Int) {
        let seat = ledger.join(room: 0)
        receive(everything, by: seat)
        // The gateway's number goes on: it does not know that the publisher repeats itself.
        var event = everything[twice]
        event.seq = event.seq.map { _ in 4 }
        receive([event], by: seat)

        #expect(ledger.summary.repeated == 1 && ledger.summary.faults == 1)
    }

    @Test mutating func whatOvertakesIsFoundAndCountedAsBoth() {
        let seat = ledger.join(room: 0)
        receive([alert(0), price(1, seq: 1), price(0, seq: 2), alert(1), price(2, seq: 3), alert(2, prices: 5)], by: seat)
        #expect(ledger.summary.repeated == 1 && ledger.summary.lost == 1)
        #expect(!ledger.isComplete)
    }

    @Test mutating func aPriceThatStandsForSeveralHasDroppedTheOthers() {
        let seat = ledger.join(room: 0)
        receive([alert(0), price(0), alert(1), price(2, seq: 3, seqFirst: 2), alert(2, prices: 5)], by: seat)
        #expect(ledger.summary.conflated == 1 && ledger.summary.lost == 1 && ledger.summary.outOfSequence == 0)
    }

    @Test mutating func aSequenceThatBreaksIsFoundThoughEveryNumberIsThere() {
        let seat = ledger.join(room: 0)
        receive([alert(0), price(0), price(1, seq: 1), alert(1), price(2, seq: 2), alert(2, prices: 5)], by: seat)
        #expect(ledger.summary.outOfSequence == 1 && ledger.summary.lost == 0 && ledger.summary.faults == 1)
    }

    @Test mutating func aSnapshotIsNothingNewAndTheSequenceGoesOnFromIt() {
        let seat = ledger.join(room: 0)
        receive([price(40, seq: 7, snapshot: true), price(0, seq: 8), price(1, seq: 9)], by: seat)
        #expect(ledger.summary.snapshots == 1 && ledger.summary.prices == 2 && ledger.summary.faults == 1, "but for what is to come")
        #expect(ledger.summary.unfinished == 1)
    }

    @Test mutating func whoIsGoneIsCountedAndNotComplete() {
        let seat = ledger.join(room: 0)
        receive([alert(0)], by: seat)
        ledger.connectionEnded()
        #expect(ledger.summary.ended == 1 && !ledger.isComplete)
    }

    @Test func summariesOfLoopsAddUp() {
        var (one, other) = (HoldLedger(rooms: 2), HoldLedger(rooms: 2))
        let (first, second) = (one.join(room: 0), other.join(room: 1))
        for event in everything { one.received(event, by: first) }
        other.received(alert(1), by: second)

        var sum = HoldLedger.Summary()
        sum.add(one.summary)
        sum.add(other.summary)

        #expect(sum.connections == 2 && sum.prices == 3 && sum.alerts == 4 && sum.lost == 1 && sum.unfinished == 1)
        #expect(sum.fewest == (0, 1) && sum.most == (3, 3))
    }
}
