import GatewayDomain
import NIOCore
import Testing

@testable import Gateway

@Suite("What publishing does to Redis")
struct BusWriteTests {
    private func envelope(_ json: String) throws -> Envelope { try Envelope(json: Array(json.utf8)) }

    @Test func latestValuesAreKeptBeforeTheyAreSaidToRoomAndType() throws {
        let price = try envelope(#"{"type":"price_update","symbol":"BTC-USDC","data":{}}"#)
        let room = try #require(Room(name: "price:BTC-USDC"))
        #expect(
            BusWrite.plan(price) == [
                .keep(room), .announce(channel: "moonx:events:price:BTC-USDC"), .announce(channel: "moonx:events:type:price_update"),
            ]
        )
    }

    @Test func aChartKeepsACandleOfEachPairAndInterval() throws {
        let candle = try envelope(#"{"type":"chart_update","symbol":"BTC-USDC","data":{"interval":"1m"}}"#)
        let room = try #require(Room(name: "chart:BTC"))
        #expect(BusWrite.plan(candle).prefix(2) == [.keep(room), .keepCandle(room, field: "BTC-USDC/1m")])
        let seconds = try envelope(#"{"type":"chart_update","symbol":"BTC-USDC","data":{"interval":60}}"#)
        #expect(BusWrite.plan(seconds).prefix(2) == [.keep(room), .keepCandle(room, field: "BTC-USDC/60")])
    }

    @Test func wholeBooksAndChangesAreKeptApart() throws {
        let room = try #require(Room(name: "orderbook:BTC-USDC"))
        let whole = try envelope(#"{"type":"order_book_update","symbol":"BTC-USDC","data":{"bids":[],"asks":[]}}"#)
        #expect(BusWrite.plan(whole).first == .keepBook(room))
        let change = try envelope(#"{"type":"order_book_update","symbol":"BTC-USDC","delta":true,"data":{"bids":[],"asks":[]}}"#)
        #expect(BusWrite.plan(change).first == .changeBook(room))
    }

    @Test(arguments: EventType.allCases.filter { $0.deliveryClass == .everyEvent })
    func whatMustNotBeLostGoesThroughTheStreamAlone(_ type: EventType) throws {
        let json = #"{"type":"\#(type.rawValue)","symbol":"BTC-USDC","userId":"alice-0001","data":{}}"#
        #expect(BusWrite.plan(try envelope(json)) == [.append(type)])
    }

    @Test(arguments: [
        #"{"type":"trade_notification","symbol":"BTC-USDC","userId":"alice-0001","id":"t\"1","timestamp":5,"metadata":{"a":[1]},"data":{"price":1.0}}"#,
        #"{"type":"order_book_update","symbol":"BTC-USDC","delta":true,"timestamp":5,"data":{"bids":[["1.10","2"]],"asks":[]}}"#,
        #"{"type":"system_alert","timestamp":5,"data":{"title":"x"}}"#,
    ])
    func anEnvelopeIsTheSameOnTheOtherSide(_ json: String) throws {
        let there = try envelope(json)
        let here = try Envelope(json: Array(there.wire(receivedAt: 9).readableBytesView))
        #expect(here.isSame(as: there))
        #expect(here.userID == there.userID)
        #expect(here.metadata == there.metadata)
        #expect(here.contentHash == there.contentHash)
    }

    @Test func whoWroteNoTimeGetsTheTimeOfReceiptAndEveryNodeTheSame() throws {
        let there = try envelope(#"{"type":"system_alert","data":{}}"#)
        #expect(try Envelope(json: Array(there.wire(receivedAt: 9).readableBytesView)).timestamp == 9)
    }

    @Test func aChannelCarriesOnlyWhatBelongsOnIt() throws {
        let trade = try envelope(#"{"type":"trade_notification","symbol":"BTC-USDC","userId":"alice-0001","data":{}}"#)
        let pair = try #require(Room(name: "trade:BTC-USDC"))
        let owner = try #require(Room(name: "user:alice-0001"))
        let other = try #require(Room(name: "trade:ETH-USDC"))
        #expect(EventOrigin.room(pair).admits(trade))
        #expect(EventOrigin.room(owner).admits(trade))
        #expect(!EventOrigin.room(other).admits(trade))
        #expect(!EventOrigin.alerts.admits(trade))
        #expect(!EventOrigin.type(.priceUpdate).admits(trade))
        // Of the two copies each channel brings its own.
        #expect(EventOrigin.room(pair).reaches(pair))
        #expect(!EventOrigin.room(pair).reaches(owner))
        #expect(!EventOrigin.type(.tradeNotification).reaches(owner))
        #expect(EventOrigin.stream(nil).reaches(owner))
    }
}
