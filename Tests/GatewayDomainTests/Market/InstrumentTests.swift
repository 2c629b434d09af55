import GatewayDomain
import Testing

struct InstrumentTests {
    @Test(arguments: ["BTC-USDC", "AB-CD", "ABCDEFGHIJ-ABCDEFGHIJ"])
    func acceptsPairs(text: String) throws {
        let instrument = try #require(Instrument(text))
        #expect(instrument.description == text)
        #expect(instrument.base + "-" + instrument.quote == text)
    }

    @Test(arguments: [
        "", "-", "BTC", "BTC-", "-USDC", "B-USDC", "BTC-U", "btc-usdc", "BTC-USDC-", "BTC--USDC", "BTC-USDC-X", "ABCDEFGHIJK-USDC",
        "BTC-ABCDEFGHIJK", "BTC_USDC", "BTC-USD1", " BTC-USDC", "BTC-USDC\n", "BTÇ-USDC", "BTC-USDC\u{301}",
    ])
    func refusesAnythingElse(text: String) {
        #expect(Instrument(text) == nil)
    }

    @Test func namesItsParts() throws {
        let instrument = try #require(Instrument("BTC-USDC"))
        #expect(instrument.base == "BTC")
        #expect(instrument.quote == "USDC")
    }

    @Test func readsOtherStringTypes() {
        #expect(Instrument("price:BTC-USDC".dropFirst(6)) == Instrument("BTC-USDC"))
    }

    @Test func normalisesCaseOfPlainLettersOnly() {
        #expect(Instrument.normalised("btc-Usdc") == Instrument("BTC-USDC"))
        #expect(Instrument.normalised("\u{df}-USDC") == nil)
        #expect(Instrument.normalised("b\u{131}t-usdc") == nil)
    }
}
