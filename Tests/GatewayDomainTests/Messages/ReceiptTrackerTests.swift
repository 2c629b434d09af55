import GatewayDomain
import Testing

@Suite("ReceiptTracker")
struct ReceiptTrackerTests {
    private var receipts = ReceiptTracker(capacity: 4)

    @Test mutating func anAnswerShowsWhatWasSentBeforeItsPing() {
        receipts.messageSent("a")
        receipts.messageSent("b")
        receipts.pingSent()
        receipts.messageSent("c")
        let first = receipts.pingAnswered()
        #expect(first == ["a", "b"])
        receipts.pingSent()
        let second = receipts.pingAnswered()
        #expect(second == ["c"])
        #expect(receipts.count == 0)
    }

    @Test mutating func anAnswerToAnEarlierPingShowsNothing() {
        receipts.pingSent()
        receipts.messageSent("a")
        let early = receipts.pingAnswered()
        #expect(early == [])
        #expect(receipts.count == 1)
        let unsolicited = receipts.pingAnswered()
        #expect(unsolicited == [])
    }

    @Test mutating func whatTheDeviceSaidItselfIsNotSaidAgain() {
        receipts.messageSent("a")
        receipts.pingSent()
        receipts.messageSent("b")
        receipts.messageSent("c")
        receipts.received(["a", "b", "x"])
        receipts.pingSent()
        let rest = receipts.pingAnswered()
        #expect(rest == ["c"])
    }

    @Test mutating func theOldestAreForgottenBeyondTheCapacity() {
        for id in ["a", "b", "c"] { receipts.messageSent(id) }
        receipts.pingSent()
        for id in ["d", "e", "f"] { receipts.messageSent(id) }
        #expect(receipts.count == 4)
        let first = receipts.pingAnswered()
        #expect(first == ["c"])
        receipts.messageSent("g")
        receipts.messageSent("h")
        receipts.pingSent()
        let second = receipts.pingAnswered()
        #expect(second == ["e", "f", "g", "h"])
    }
}
