import GatewayDomain
import JSONScan
import Testing

@testable import Gateway

@Suite("Envelope")
struct EnvelopeTests {
    private func envelope(_ json: String) throws(EnvelopeError) -> Envelope { try Envelope(json: Array(json.utf8)) }

    @Test func everyTypeNeedsWhatItIsAbout() throws {
        for type in EventType.allCases {
            let members = [type.needsSymbol ? #""symbol":"BTC-USDC","# : "", type.needsUserID ? #""userId":"alice-0001","# : ""]
            let whole = #"{"type":"\#(type.rawValue)",\#(members.joined())"data":{}}"#
            #expect(try envelope(whole).type == type)
            if type.needsSymbol || type.needsUserID {
                let bare = #"{"type":"\#(type.rawValue)","data":{}}"#
                let error = #expect(throws: EnvelopeError.self) { try envelope(bare) }
                #expect(error?.message.contains(type.needsSymbol ? "symbol" : "userId") == true)
                let null = #"{"type":"\#(type.rawValue)","symbol":null,"userId":null,"data":{}}"#
                #expect(throws: EnvelopeError.self) { try envelope(null) }
            }
        }
    }

    @Test func everyFieldIsRead() throws {
        let whole = try envelope(
            #"""
             {"metadata":{"priority":"high"},"id":"t-1","timestamp":1700000000123,"symbol":"btc-usdc","userId":"alice-0001",
              "data":{"price":105433.60000},"type":"trade_notification"}
            """#
        )
        #expect(whole.type == .tradeNotification)
        #expect(whole.symbol == "BTC-USDC")
        #expect(whole.userID?.rawValue == "alice-0001")
        #expect(whole.id == "t-1")
        #expect(whole.timestamp == 1_700_000_000_123)
        #expect(whole.data.raw("price").map { String(decoding: $0, as: UTF8.self) } == "105433.60000")
    }

    @Test(arguments: [
        ("", "not a JSON object"), ("[]", "not a JSON object"), ("{}", "`type`"), (#"{"type":1,"data":{}}"#, "`type`"),
        (#"{"type":"price","data":{}}"#, "price_update"), (#"{"type":"system_alert"}"#, "`data`"),
        (#"{"type":"system_alert","data":[]}"#, "`data`"), (#"{"type":"system_alert","data":"x"}"#, "`data`"),
        (#"{"type":"system_alert","data":null}"#, "`data`"), (#"{"type":"system_alert","data":{}} x"#, "not a JSON object"),
        (#"{"type":"system_alert","data":{},"id":1}"#, "`id`"), (#"{"type":"system_alert","data":{},"id":""}"#, "`id`"),
        (#"{"type":"system_alert","data":{},"timestamp":"now"}"#, "`timestamp`"),
        (#"{"type":"system_alert","data":{},"timestamp":-1}"#, "`timestamp`"),
        (#"{"type":"system_alert","data":{},"timestamp":1.5}"#, "`timestamp`"),
        (#"{"type":"system_alert","data":{},"symbol":1}"#, "`symbol`"),
        (#"{"type":"system_alert","data":{},"userId":"short"}"#, "`userId`"),
        (#"{"type":"price_update","data":{},"symbol":"BTC"}"#, "BTC-USDC"),
        (#"{"type":"price_update","data":{},"symbol":"ß-USDC"}"#, "BTC-USDC"),
        (#"{"type":"order_update","data":{},"userId":"no spaces"}"#, "`userId`"),
    ])
    func whatIsWrongIsNamed(_ json: String, _ hint: String) {
        let error = #expect(throws: EnvelopeError.self) { try envelope(json) }
        #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
    }

    @Test func oneOrManyAreReadInOnePass() throws {
        let price = #"{"type":"price_update","symbol":"btc-usdc","metadata":{"data":{"x":1}},"data":{"price":1.50}}"#
        let alert = #" {"data":{"n":{"type":1}}, "type":"system_alert"}"#
        #expect(try Envelope.all(in: Array("[]".utf8)).isEmpty)
        for (text, expected) in [(price, [price]), ("[\(alert)]", [alert]), (" [\(price),\(alert) ,\(price)] ", [price, alert, price])] {
            let envelopes = try Envelope.all(in: Array(text.utf8))
            let alone = try expected.map { try envelope($0) }
            #expect(envelopes.count == alone.count)
            for (one, other) in zip(envelopes, alone) {
                #expect(one.isSame(as: other))
                #expect(one.metadata == other.metadata)
                #expect(one.contentHash == other.contentHash)
            }
        }
    }

    @Test(arguments: [
        "", "[", "7", "[7]", "[{}]", #"[{"type":"system_alert","data":{}}"#, #"[{"type":"system_alert","data":{}},]"#,
        #"{"type":"system_alert","data":{}}]"#,
    ])
    func ifAnythingIsWrongNoneIsRead(_ text: String) {
        #expect(throws: EnvelopeError.self) { try Envelope.all(in: Array(text.utf8)) }
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]])
    func textThatIsNotUTF8IsRefused(_ bytes: [UInt8]) {
        for frame in [#"{"type":"system_alert","data":{"x":"|"}}"#, #"{"type":"system_alert","data":{"|":1}}"#] {
            let parts = frame.split(separator: "|").map { Array($0.utf8) }
            let text = parts[0] + bytes + parts[1]
            #expect(throws: EnvelopeError("the text is not UTF-8")) { try Envelope(json: text) }
            #expect(throws: EnvelopeError("the text is not UTF-8")) { try Envelope.all(in: Array("[".utf8) + text + Array("]".utf8)) }
        }
    }

    @Test func anIDHasAtMost128Bytes() throws {
        let longest = String(repeating: "x", count: 128)
        #expect(try envelope(#"{"type":"system_alert","data":{},"id":"\#(longest)"}"#).id == longest)
        #expect(throws: EnvelopeError.self) { try envelope(#"{"type":"system_alert","data":{},"id":"\#(longest)x"}"#) }
    }

    @Test func anEnvelopeHasAtMostAMegabyte() throws {
        let frame = #"{"type":"system_alert","data":{"x":""}}"#
        let text = String(repeating: "x", count: Envelope.maximumLength - frame.utf8.count)
        #expect(try envelope(#"{"type":"system_alert","data":{"x":"\#(text)"}}"#).data.string("x") == text)
        let error = #expect(throws: EnvelopeError.self) { try envelope(#"{"type":"system_alert","data":{"x":"\#(text)x"}}"#) }
        #expect(error?.message.contains("1000000") == true)
    }

    @Test(arguments: [("btc", "BTC"), ("BTC", "BTC"), ("btc-usdc", "BTC-USDC")])
    func aChartMayNameItsBaseOnly(_ symbol: String, _ expected: String) throws {
        #expect(try envelope(#"{"type":"chart_update","symbol":"\#(symbol)","data":{}}"#).symbol == expected)
    }

    @Test func aNotificationAlwaysHasAnID() throws {
        #expect(try envelope(#"{"type":"notification","userId":"alice-0001","id":"outer","data":{}}"#).id == "outer")
        #expect(try envelope(#"{"type":"notification","userId":"alice-0001","data":{"id":"inner"}}"#).id == "inner")
        let made = try envelope(#"{"type":"notification","userId":"alice-0001","data":{}}"#).id
        #expect(made?.count == 36)
        // Of others, what stands in `data` is none.
        #expect(try envelope(#"{"type":"order_update","userId":"alice-0001","data":{"id":"inner"}}"#).id == nil)
    }

    @Test func anIDIsOnesOwnForEachTypeSymbolAndUser() throws {
        let keys = try [
            #"{"type":"notification","userId":"user-0001","id":"7","data":{}}"#,
            #"{"type":"notification","userId":"user-0002","id":"7","data":{}}"#,
            #"{"type":"trade_notification","symbol":"BTC-USDC","id":"7","data":{}}"#,
            #"{"type":"trade_notification","symbol":"ETH-USDC","id":"7","data":{}}"#,
        ].map { json in
            let envelope = try envelope(json)
            return envelope.duplicateKey(for: envelope.userID)
        }
        #expect(Set(keys).count == 4)
        #expect(try envelope(#"{"type":"trade_notification","symbol":"btc-usdc","id":"7","data":{}}"#).duplicateKey(for: nil) == keys[2])
        #expect(try envelope(#"{"type":"system_alert","data":{}}"#).duplicateKey(for: nil) == nil)
    }
}
