import GatewayDomain
import Testing

@testable import MarketFeed

struct TradeRecordingTests {
    private static let header = "id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch\n"
    private static let rows = """
        7,100.50,2.0,201.00,1700000000000,True,True
        8,101.505,0.25,25.37625,1700000001500,false,true
        9,99.00,1,99,1700000070000,1,0

        """

    @Test func aTradeGivesTradePriceAndCandle() throws {
        let events = try recording(Self.header + Self.rows).allEvents()
        #expect(
            events.prefix(3).map(\.envelope) == [
                #"{"type":"trade_notification","symbol":"BTC-USDT","id":"BTC-USDT:7","#
                    + #""data":{"price":"100.50","amount":"2.0","side":"sell"},"timestamp":1700000000000,"metadata":{"source":"replay"}}"#,
                #"{"type":"price_update","symbol":"BTC-USDT","data":{"price":"100.50","change":"0.00","volume":"2.0"},"#
                    + #""timestamp":1700000000000,"metadata":{"source":"replay"}}"#,
                #"{"type":"chart_update","symbol":"BTC-USDT","data":{"interval":"1m","open":"100.50","high":"100.50","low":"100.50","#
                    + #""close":"100.50","volume":"2.0"},"timestamp":1699999980000,"metadata":{"source":"replay"}}"#,
            ]
        )
        #expect(events.map(\.due) == [0, 0, 0, 1500, 1500, 1500, 70000, 70000, 70000].map { .milliseconds($0) })
    }

    @Test func sumsUpAndCompares() throws {
        let events = try recording(Self.header + Self.rows).allEvents()
        let prices = try events.envelopes("price_update").map(\.data)
        #expect(prices.map(\.price) == ["100.50", "101.505", "99.00"])
        #expect(prices.map(\.change) == ["0.00", "1.00", "-1.49"])
        #expect(prices.map(\.volume) == ["2.0", "2.25", "3.25"])
        #expect(try events.envelopes("trade_notification").map(\.data.side) == ["sell", "buy", "sell"])
    }

    @Test func candlesAreOfOneMinute() throws {
        let candles = try recording(Self.header + Self.rows).allEvents().envelopes("chart_update")
        #expect(candles.map(\.timestamp) == [1_699_999_980_000, 1_699_999_980_000, 1_700_000_040_000])
        #expect(candles[1].data.open == "100.50")
        #expect(candles[1].data.high == "101.505")
        #expect(candles[1].data.low == "100.50")
        #expect(candles[1].data.close == "101.505")
        #expect(candles[1].data.volume == "2.25")
        #expect(candles[2].data.open == "99.00")
    }

    @Test(arguments: [1, 7, 4096])
    func readsAlikeHoweverTheFileIsWritten(chunk: Int) throws {
        let expected = try recording(Self.header + Self.rows).allEvents()
        let crlf = (Self.header + Self.rows).replacing("\n", with: "\r\n")
        for text in [Self.rows, crlf, String(Self.rows.dropLast())] {
            let source = RecordingSource.text(text, chunk: chunk)
            #expect(try TradeRecording(source: source, symbol: nil).allEvents() == expected)
        }
    }

    @Test func understandsMicroseconds() throws {
        let events = try recording("1,5,1,5,1700000000000000,1,1\n2,5,1,5,1700000000000250,1,1").allEvents()
        #expect(events.last?.due == .microseconds(250))
        #expect(try events.envelopes("price_update").map(\.timestamp) == [1_700_000_000_000, 1_700_000_000_000])
    }

    @Test func neverGoesBackInTime() throws {
        let text = "1,5,1,5,1700000001000,1,1\n2,5,1,5,1700000000000,1,1\n3,5,1,5,1700000001500,1,1"
        let dues = try recording(text).allEvents().map(\.due)
        #expect(dues == [0, 0, 0, 0, 0, 0, 500, 500, 500].map { .milliseconds($0) })
    }

    @Test func laterRoundsHaveIDsOfTheirOwn() throws {
        let recording = try recording(Self.rows)
        #expect(
            try recording.allEvents(round: 2).envelopes("trade_notification").map(\.id) == ["BTC-USDT:7#3", "BTC-USDT:8#3", "BTC-USDT:9#3"]
        )
    }

    @Test(arguments: [
        ("8,101.5", "7 columns"), ("8,101.505,0.25,25.37625,1700000001500,false,tr", "isBestMatch"), ("x,1,1,1,1700000001500,1,1", "id"),
        ("8,1e,1,1,1700000001500,1,1", "price"), ("8,-1,1,1,1700000001500,1,1", "price"), ("8,0.0,1,1,1700000001500,1,1", "price"),
        ("8,1,,1,1700000001500,1,1", "qty"), ("8,1,1,\"1\",1700000001500,1,1", "quoteQty"), ("8,1,1,1,1700000001,1,1", "time"),
        ("8,1,1,1,1700000001500,yes,1", "isBuyerMaker"), ("id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch", "id"),
        ("8,1,170141183460469231731687303715884105727,1,1700000001500,1,1", "38 digits"),
    ])
    func namesTheLineThatIsWrong(line: String, expected: String) throws {
        var cursor = try recording(Self.header + "7,100.50,2.0,201.00,1700000000000,True,True\r\n" + line).events()
        for _ in 0..<3 { #expect(try cursor.next() != nil) }
        let error = #expect(throws: RecordingError.self) { try cursor.next() }
        #expect(error?.line == 3)
        #expect(error?.description.hasPrefix("trades-BTC-USDT.csv:3: expected") == true)
        #expect(error?.message.contains(expected) == true)
    }

    @Test func needsASymbol() throws {
        let source = RecordingSource.text(Self.rows, name: "trades.csv")
        let error = #expect(throws: RecordingError.self) { try TradeRecording(source: source, symbol: nil) }
        #expect(error?.code == .unknownSymbol)
        #expect(error?.message.contains("--symbol") == true)
        let symbol = Instrument("ETH-USDC")
        #expect(try TradeRecording(source: source, symbol: symbol).allEvents().envelopes("price_update").first?.symbol == "ETH-USDC")
    }

    private func recording(_ text: String) throws -> TradeRecording {
        try TradeRecording(source: .text(text), symbol: nil)
    }
}
