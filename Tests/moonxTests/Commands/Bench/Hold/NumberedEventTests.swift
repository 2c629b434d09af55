import Testing

@testable import moonx

@Suite("NumberedEvent")
struct NumberedEventTests {
    private func read(_ text: String) -> NumberedEvent? { Array(text.utf8).withUnsafeBytes { NumberedEvent($0) } }

    @Test func aPriceAsTheGatewaySendsIt() {
        let event = read(
            """
            42["price_update",{"price":"100000.01","change24h":"1.25","n":12,"due":1795651200000017,"symbol":"MXAAA-USDC",\
            "timestamp":1795651200000,"epoch":"x1","seq":13}]
            """
        )
        var expected = NumberedEvent(kind: .price)
        expected.number = 12
        expected.due = 1_795_651_200_000_017
        expected.seq = 13
        #expect(event == expected)
    }

    @Test func aPriceThatStandsForSeveralAndASnapshot() {
        let conflated = read("42[\"price_update\",{\"n\":3,\"seqFirst\":2,\"seq\":4}]")
        #expect(conflated?.seqFirst == 2 && conflated?.seq == 4 && conflated?.isSnapshot == false)
        let snapshot = read("42[\"price_update\",{\"n\":3,\"snapshot\":true,\"seq\":4}]")
        #expect(snapshot?.isSnapshot == true && snapshot?.number == 3)
    }

    @Test func alertsAndTheLastOfThem() {
        let alert = read("42[\"system_alert\",{\"message\":\"n\",\"n\":0,\"due\":5},\"an-offset\"]")
        #expect(alert?.kind == .alert && alert?.number == 0 && alert?.due == 5 && alert?.prices == nil)
        #expect(read("42[\"system_alert\",{\"n\": 7, \"due\":  5 }]")?.number == 7)
        #expect(read("42[\"system_alert\",{\"n\":120,\"due\":5,\"prices\":30000}]")?.prices == 30_000)
    }

    @Test(arguments: ["42[\"room_joined\",{\"room\":\"price:BTC-USDC\"}]", "2", "0{\"sid\":\"x\"}", "", "42[\"price_updates\",{\"n\":1}]"])
    func otherEventsAreNone(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func anEventThatEndsAnywhereIsReadWithoutReadingPastItsEnd() {
        let text = "42[\"price_update\",{\"n\":12,\"due\":17,\"seqFirst\":1,\"snapshot\":true,\"seq\":13}]"
        for length in 0...text.utf8.count {
            let event = read(String(text.prefix(length)))
            #expect((event == nil) == (length < 17))
        }
    }
}
