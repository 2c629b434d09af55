import GatewayDomain
import Testing

@testable import MarketFeed

struct OrderBookRecordingTests {
    private static let lines = [
        #"{"topic":"t","type":"snapshot","ts":1700000000000,"data":{"s":"XRPUSDT","b":[["1.50","7"],["1.40","8"]],"a":[["1.60","9"]],"u":1}}"#,
        #"{"type":"delta","ts":1700000000100,"data":{"s":"XRPUSDT","b":[["1.50","0"],["1.45","3.0"]],"a":[],"u":2,"seq":9},"cts":5}"#,
        #"{"type":"delta","ts":1700000000050,"data":{"s":"XRPUSDT","b":[],"a":[["1.55","1"]]}}"#,
    ]

    @Test func publishesTheFullBookAfterEachMessage() throws {
        let events = try recording(Self.lines.joined(separator: "\n")).allEvents()
        #expect(
            events.map(\.envelope) == [
                envelope(#""bids":[["1.50","7"],["1.40","8"]],"asks":[["1.60","9"]]"#, 1_700_000_000_000),
                envelope(#""bids":[["1.45","3.0"],["1.40","8"]],"asks":[["1.60","9"]]"#, 1_700_000_000_100),
                envelope(#""bids":[["1.45","3.0"],["1.40","8"]],"asks":[["1.55","1"],["1.60","9"]]"#, 1_700_000_000_050),
            ]
        )
        #expect(events.map(\.due) == [.zero, .milliseconds(100), .milliseconds(100)])
    }

    @Test func publishesToTheDepthAskedFor() throws {
        let recording = try OrderBookRecording(source: .text(Self.lines.joined(separator: "\n")), symbol: nil, form: .best(1))
        let books = try recording.allEvents().envelopes("order_book_update").map(\.data)
        #expect(books.map(\.bids) == [[["1.50", "7"]], [["1.45", "3.0"]], [["1.45", "3.0"]]])
    }

    @Test func publishesWhatWasRecordedAsChanges() throws {
        let text = Self.lines.joined(separator: "\n")
        let events = try OrderBookRecording(source: .text(text), symbol: nil, form: .asRecorded).allEvents()
        #expect(
            events.map(\.envelope) == [
                envelope(#""bids":[["1.50","7"],["1.40","8"]],"asks":[["1.60","9"]]"#, 1_700_000_000_000),
                envelope(#""bids":[["1.50","0"],["1.45","3.0"]],"asks":[]"#, 1_700_000_000_100, isDelta: true),
                envelope(#""bids":[],"asks":[["1.55","1"]]"#, 1_700_000_000_050, isDelta: true),
            ]
        )
    }

    @Test(arguments: [1, 100])
    func readsAlikeHoweverTheFileIsWritten(chunk: Int) throws {
        let expected = try recording(Self.lines.joined(separator: "\n")).allEvents()
        for text in [Self.lines.joined(separator: "\r\n"), Self.lines.joined(separator: "\n\n") + "\n"] {
            #expect(try OrderBookRecording(source: .text(text, chunk: chunk), symbol: nil, form: .best(25)).allEvents() == expected)
        }
    }

    @Test func takesTheSymbolFromTheCallerTheMessageOrTheName() throws {
        let text = Self.lines[0]
        #expect(try recording(text).instrument == Instrument("XRP-USDT"))
        #expect(try OrderBookRecording(source: .text(text), symbol: Instrument("AB-CD"), form: .best(1)).instrument == Instrument("AB-CD"))
        let odd = text.replacing("XRPUSDT", with: "XRP/X")
        #expect(
            try OrderBookRecording(source: .text(odd, name: "SOL-USDC.jsonl"), symbol: nil, form: .best(1)).instrument
                == Instrument("SOL-USDC")
        )
        let error = #expect(throws: RecordingError.self) {
            try OrderBookRecording(source: .text(odd, name: "book.jsonl"), symbol: nil, form: .best(1))
        }
        #expect(error?.code == .unknownSymbol)
    }

    @Test(arguments: [
        (String(lines[1].dropLast(20)), "snapshot\" or \"delta"), (#"{"type":"delta"}"#, "snapshot\" or \"delta"),
        (lines[1].replacing("\"3.0\"", with: "3.0"), "as strings"), (lines[1].replacing("\"3.0\"", with: "\"3.0\",\"1\""), "as strings"),
        (lines[1].replacing("3.0", with: "three"), "[\"1.45\",\"three\"]"), (lines[1].replacing("XRPUSDT", with: "BTCUSDT"), "XRPUSDT"),
        (lines[1].replacing("1700000000100", with: "17"), "ts"),
    ])
    func namesTheLineThatIsWrong(line: String, expected: String) throws {
        var cursor = try recording(Self.lines[0] + "\r\n" + line).events()
        #expect(try cursor.next() != nil)
        let error = #expect(throws: RecordingError.self) { try cursor.next() }
        #expect(error?.line == 2)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func beginsWithASnapshot() throws {
        var cursor = try recording(Self.lines[1]).events()
        let error = #expect(throws: RecordingError.self) { try cursor.next() }
        #expect(error?.message.contains("snapshot before the first delta") == true)
    }

    private func recording(_ text: String) throws -> OrderBookRecording {
        try OrderBookRecording(source: .text(text, name: "book.jsonl"), symbol: nil, form: .best(25))
    }

    private func envelope(_ data: String, _ timestamp: Int64, isDelta: Bool = false) -> String {
        #"{"type":"order_book_update","symbol":"XRP-USDT",\#(isDelta ? #""delta":true,"# : "")"data":{\#(data)},"#
            + #""timestamp":\#(timestamp),"metadata":{"source":"replay"}}"#
    }
}
