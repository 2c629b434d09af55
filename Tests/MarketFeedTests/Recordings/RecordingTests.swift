import GatewayDomain
import Testing

@testable import MarketFeed

struct RecordingTests {
    private static let row = "7,100.50,2.0,201.00,1700000000000,True,True"
    private static let snapshot = #" {"type":"snapshot","ts":1700000000000,"data":{"s":"XRPUSDT","b":[["1.50","7"]],"a":[]}}"#

    @Test func tellsFormatsApartByTheContent() throws {
        let trades = try open("id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch\n" + Self.row)
        let bare = try open("\n" + Self.row)
        let book = try open(Self.snapshot)
        #expect(try trades.allEvents().count == 3)
        #expect(try bare.allEvents().count == 3)
        #expect(try book.allEvents().count == 1)
        #expect(book.instrument == Instrument("XRP-USDT"))
        #expect(book.name == "trades-BTC-USDT.csv")
    }

    @Test(arguments: [
        ("", RecordingError.Code.empty), ("\r\n\n", .empty), ("id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch\n", .empty),
        ("<html>", .unknownFormat), ("7,100.50", .unknownFormat), ("{}", .malformedLine), ("{\"type\":", .malformedLine),
    ])
    func refusesWhatIsNoRecording(text: String, code: RecordingError.Code) {
        let error = #expect(throws: RecordingError.self) { try open(text) }
        #expect(error?.code == code)
        #expect(error?.message.contains("expected") == true)
    }

    @Test(arguments: ["/nonexistent/trades-BTC-USDT.csv", "/"])
    func saysWhichFileCannotBeRead(path: String) {
        let error = #expect(throws: RecordingError.self) { try Recording.open(path: path) }
        #expect(error?.code == .unreadable)
        #expect(error?.description.hasPrefix("\(path): cannot be read") == true)
    }

    private func open(_ text: String) throws -> Recording {
        try Recording.open(source: .text(text), symbol: nil, book: .best(25))
    }
}
