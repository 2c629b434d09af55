import EngineIOCore
import GatewayDomain
import JSONScan
import NIOCore
import Testing

@testable import EngineIO
@testable import Gateway

@Suite("BookChannel")
final class BookChannelTests {
    private var channel: BookChannel
    private var seq: UInt64 = 0
    private let room = Room.orderbook(Instrument("BTC-USDC")!)

    init() {
        channel = BookChannel(room: room, symbol: "BTC-USDC", epoch: "e", maximumLevels: 100)
    }

    private func view(_ json: String) throws -> BookView {
        try #require(try BookView(try JSONObject(Array(json.utf8))))
    }

    private func join(_ view: BookView) {
        channel.views[view] = BookChannel.View(members: [1])
    }

    private func publish(_ json: String, passedOnAs text: String? = nil, at timestamp: Int64 = 7) throws -> Bool {
        seq += 1
        let payload = text.map { text in
            ClientPayload(symbol: "BTC-USDC", timestamp: 6) { $0.writeString(String(text.dropFirst().dropLast())) }
        }
        return channel.replace(with: try JSONObject(Array(json.utf8)), payload: payload, timestamp: timestamp)
    }

    private func change(_ json: String, at timestamp: Int64 = 7) throws -> Bool {
        seq += 1
        return channel.change(by: try JSONObject(Array(json.utf8)), timestamp: timestamp)
    }

    private func text(_ message: (any ConflatableMessage)?) -> String? {
        message.map { String(buffer: $0.makeFrame().textPacket) }
    }

    /// What the clients of `view` get now, as the payload's members after the symbol.
    private func refresh(_ view: BookView, at milliseconds: Int64 = 0) -> BookUpdate? {
        channel.refresh(view, seq: seq, now: MonotonicInstant(nanoseconds: milliseconds * 1_000_000)).update
    }

    private func wire(_ members: String) -> String { #"42["order_book_update",{"symbol":"BTC-USDC",\#(members)}]"# }

    @Test func firstTheWholeBookThenWhatChanged() throws {
        let view = try view(#"{"mode":"delta"}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[["11","3"]]}"#))
        #expect(
            text(refresh(view))
                == wire(#""bids":[["10","1"],["9","2"]],"asks":[["11","3"]],"timestamp":7,"epoch":"e","seq":1,"snapshot":true"#)
        )
        #expect(try publish(#"{"bids":[["10","1"],["9.5","4"]],"asks":[["11","3"]]}"#))
        #expect(
            text(refresh(view))
                == wire(#""bids":[["9.5","4"],["9","0"]],"asks":[],"timestamp":7,"epoch":"e","seqFirst":2,"seq":2,"delta":true"#)
        )
        #expect(try change(#"{"asks":[["11","0"],["12","1"]]}"#))
        #expect(
            text(refresh(view))
                == wire(#""bids":[],"asks":[["11","0"],["12","1"]],"timestamp":7,"epoch":"e","seqFirst":3,"seq":3,"delta":true"#)
        )
    }

    @Test func whatLiesBelowTheDepthIsNoUpdateButCounted() throws {
        let view = try view(#"{"depth":1}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[]}"#))
        _ = refresh(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","5"]],"asks":[]}"#))
        #expect(text(refresh(view)) == nil)
        #expect(try publish(#"{"bids":[["10","2"],["9","5"]],"asks":[]}"#))
        #expect(text(refresh(view)) == wire(#""bids":[["10","2"]],"asks":[],"timestamp":7,"epoch":"e","seqFirst":2,"seq":3"#))
    }

    @Test func numbersStayNumbers() throws {
        let view = try view(#"{"depth":5}"#)
        join(view)
        #expect(try publish(#"{"bids":[[10.50,1.0,7]],"asks":[]}"#))
        #expect(text(refresh(view))?.contains(#""bids":[[10.50,1.0]],"asks":[]"#) == true)
    }

    @Test func aRateMakesUpdatesWaitAndThenStandForAll() throws {
        let view = try view(#"{"maxRate":10}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#))
        #expect(refresh(view, at: 0) != nil)
        #expect(try publish(#"{"bids":[["10","2"]],"asks":[]}"#))
        let early = channel.refresh(view, seq: seq, now: MonotonicInstant(nanoseconds: 50_000_000))
        #expect(early.update == nil)
        #expect(early.wake == MonotonicInstant(nanoseconds: 100_000_000))
        #expect(try publish(#"{"bids":[["10","3"]],"asks":[]}"#))
        // Somebody will come already.
        #expect(channel.refresh(view, seq: seq, now: MonotonicInstant(nanoseconds: 60_000_000)).wake == nil)
        channel.woken(view)
        #expect(text(refresh(view, at: 100))?.contains(#"[["10","3"]],"asks":[],"timestamp":7,"epoch":"e","seqFirst":2,"seq":3"#) == true)
    }

    @Test func anUpdateHasTheTimeOfWhatItShows() throws {
        let view = try view(#"{"maxRate":1}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#, at: 10))
        #expect(refresh(view, at: 0)?.timestamp == 10)
        #expect(try publish(#"{"bids":[["10","2"]],"asks":[]}"#, at: 20))
        #expect(refresh(view, at: 10) == nil)
        #expect(try change(#"{"bids":[["10","3"]]}"#, at: 30))
        #expect(refresh(view, at: 20) == nil)
        // A new client sees what the others have, of its time.
        #expect(channel.snapshot(view, seq: seq)?.timestamp == 10)
        channel.woken(view)
        #expect(refresh(view, at: 1000)?.timestamp == 30)
        #expect(channel.snapshot(view, seq: seq)?.timestamp == 30)
    }

    @Test func aNewClientContinuesWhereTheOthersAre() throws {
        let view = try view(#"{"mode":"delta","maxRate":1}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#))
        _ = refresh(view, at: 0)
        #expect(try publish(#"{"bids":[["10","2"]],"asks":[]}"#))
        #expect(refresh(view, at: 1) == nil)
        let snapshot = channel.snapshot(view, seq: seq)
        #expect(text(snapshot) == wire(#""bids":[["10","1"]],"asks":[],"timestamp":7,"epoch":"e","seq":1,"snapshot":true"#))
        channel.woken(view)
        #expect(text(refresh(view, at: 1000))?.contains(#""seqFirst":2,"seq":2,"delta":true"#) == true)
    }

    @Test func theChecksumIsThatOfTheBookAfterTheUpdate() throws {
        let view = try view(#"{"mode":"delta","checksum":true}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[]}"#))
        _ = refresh(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[["11","3"]]}"#))
        var book = OrderBook()
        try book.apply(
            deltaBids: [.init(price: "10", size: "1"), .init(price: "9", size: "2")],
            asks: [.init(price: "11", size: "3")]
        )
        #expect(text(refresh(view))?.hasSuffix(#""delta":true,"checksum":\#(book.checksum)}]"#) == true)
    }

    /// A value that is written in another way is no change, so the client has the text from before.
    @Test func theChecksumIsThatOfTheTextsThatTheClientHas() throws {
        let view = try view(#"{"mode":"delta","checksum":true}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[["11","3"]]}"#))
        _ = refresh(view)
        #expect(try publish(#"{"bids":[["10","1.0"],["9","3"]],"asks":[["11.0","3"]]}"#))
        var book = OrderBook()
        try book.apply(
            deltaBids: [.init(price: "10", size: "1"), .init(price: "9", size: "3")],
            asks: [.init(price: "11", size: "3")]
        )
        let update = text(refresh(view))
        #expect(update?.contains(#""bids":[["9","3"]],"asks":[]"#) == true)
        #expect(update?.contains(#""checksum":\#(book.checksum)}"#) == true)
        // Who comes later has the same, and the same checksum.
        let late = text(channel.snapshot(view, seq: seq))
        #expect(late?.contains(#""bids":[["10","1"],["9","3"]],"asks":[["11","3"]]"#) == true)
        #expect(late?.contains(#""checksum":\#(book.checksum)}"#) == true)
    }

    @Test func theChecksumCoversNoMoreLevelsThanTheClientHas() throws {
        let view = try view(#"{"mode":"delta","depth":1,"checksum":true}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[["11","3"],["12","4"]]}"#))
        var book = OrderBook()
        try book.apply(deltaBids: [.init(price: "10", size: "1")], asks: [.init(price: "11", size: "3")])
        #expect(text(refresh(view))?.contains(#""checksum":\#(book.checksum)}"#) == true)
    }

    @Test(arguments: [
        #"{"bids":[["x","1"]]}"#, #"{"bids":[["1"]]}"#, #"{"bids":[1]}"#, #"{"bids":{}}"#, #"{"bids":[["1",{}]]}"#,
        #"{"bids":[["-1","1"]]}"#,
    ]) func malformedChangesMakeTheBookUnknownUntilAWholeOne(bad: String) throws {
        let view = try view(#"{"mode":"delta"}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#))
        _ = refresh(view)
        #expect(try !change(bad))
        #expect(channel.book == nil)
        #expect(refresh(view) == nil)
        #expect(try !change(#"{"bids":[["10","5"]]}"#))
        #expect(try publish(#"{"bids":[["10","6"]],"asks":[]}"#))
        #expect(text(refresh(view))?.contains(#""bids":[["10","6"]],"asks":[],"timestamp":7,"epoch":"e","seqFirst":2,"seq":4"#) == true)
    }

    /// As Python's `json.dumps` writes small numbers; and strings and numbers side by side.
    @Test func levelsStayAsTheyWereWritten() throws {
        let view = try view(#"{"mode":"delta"}"#)
        join(view)
        #expect(try publish(#"{"bids":[["1.10",2.7e-05],[1e-7,"3"]],"asks":[[2E0,1]]}"#))
        #expect(text(refresh(view))?.contains(#""bids":[["1.10",2.7e-05],[1e-7,"3"]],"asks":[[2E0,1]]"#) == true)
        #expect(try change(#"{"bids":[[0.0000001,"0"],["1.1","2.70e-5"]],"asks":[["2",1.5e0]]}"#))
        #expect(text(refresh(view))?.contains(#""bids":[[1e-7,"0"]],"asks":[["2",1.5e0]]"#) == true)
    }

    @Test func whatIsNoBookOfDecimalNumbersIsPassedOnAsItIs() throws {
        let view = try view(#"{"mode":"delta"}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#))
        _ = refresh(view)
        let odd = #"{"bids":[{"price":"10"}],"asks":[]}"#
        #expect(try !publish(odd, passedOnAs: odd))
        let expected = wire(#""bids":[{"price":"10"}],"asks":[],"timestamp":6,"epoch":"e","seq":2,"snapshot":true"#)
        #expect(text(refresh(view)) == expected)
        #expect(refresh(view) == nil)
        #expect(text(channel.snapshot(view, seq: seq)) == expected)
        #expect(try publish(#"{"bids":[["10","2"]],"asks":[]}"#))
        #expect(text(refresh(view))?.contains(#""bids":[["10","2"]],"asks":[],"timestamp":7,"epoch":"e","seq":3,"snapshot":true"#) == true)
    }

    @Test func aBookThatGrowsBeyondTheBoundIsNotKept() throws {
        let levels = (1...101).map { "[\"\($0)\",\"1\"]" }.joined(separator: ",")
        #expect(try !publish("{\"bids\":[\(levels)]}"))
        #expect(channel.book == nil)
    }

    /// Who joins while the others wait for the first book of an epoch does not take it from them.
    @Test func theFirstBookOfAnEpochComesToAllMembersOfAView() throws {
        let view = try view(#"{"mode":"delta","maxRate":1}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"]],"asks":[]}"#))
        #expect(refresh(view) != nil)
        channel.beginEpoch("f")
        seq = 0
        #expect(try publish(#"{"bids":[["11","1"]],"asks":[]}"#))
        #expect(refresh(view, at: 500) == nil)
        let first = wire(#""bids":[["11","1"]],"asks":[],"timestamp":7,"epoch":"f","seq":1,"snapshot":true"#)
        #expect(text(channel.snapshot(view, seq: seq)) == first)
        channel.woken(view)
        #expect(text(refresh(view, at: 1000)) == first)
    }

    // MARK: For slow clients

    @Test func changesAreMergedByPriceAndNoneIsLost() throws {
        let view = try view(#"{"mode":"delta"}"#)
        join(view)
        #expect(try publish(#"{"bids":[["10","1"],["9","2"]],"asks":[]}"#))
        let first = try #require(refresh(view))
        #expect(try publish(#"{"bids":[["10","5"]],"asks":[]}"#))
        let second = try #require(refresh(view))
        #expect(try publish(#"{"bids":[["10","6"],["8","1"]],"asks":[]}"#))
        let third = try #require(refresh(view))
        #expect(
            text(third.replacing(second))
                == wire(#""bids":[["10","6"],["9","0"],["8","1"]],"asks":[],"timestamp":7,"epoch":"e","seqFirst":2,"seq":3,"delta":true"#)
        )
        // Where not even the first book got through, it comes as it is now.
        #expect(
            text(third.replacing(second.replacing(first)))
                == wire(#""bids":[["10","6"],["8","1"]],"asks":[],"timestamp":7,"epoch":"e","seq":3,"snapshot":true"#)
        )
    }
}

@Suite("BookView")
struct BookViewTests {
    private func view(_ json: String) throws -> BookView? { try BookView(try JSONObject(Array(json.utf8))) }

    @Test func whoAsksForNothingSpecialHasNone() throws {
        #expect(try view("{}") == nil)
        #expect(try view(#"{"mode":"full","checksum":false}"#) == nil)
    }

    @Test(arguments: [
        #"{"mode":"delta"}"#, #"{"depth":1}"#, #"{"maxRate":100}"#, #"{"checksum":true}"#,
        #"{"mode":"delta","depth":20,"maxRate":5,"checksum":true}"#,
    ]) func aRoomNameSaysItAll(json: String) throws {
        let view = try #require(try view(json))
        let room = Room.orderbook(try #require(Instrument("MATIC-USDC")))
        let name = view.roomName(room)
        #expect(Room(name: name) == nil)
        let parsed = try #require(BookView.parse(roomName: name))
        #expect(parsed.room == room)
        #expect(parsed.view == view)
        #expect("{\(view.members.dropFirst())}" == json)
    }

    @Test(arguments: ["orderbook:BTC-USDC", "orderbook:BTC-USDC#", "orderbook:BTC-USDC#dn", "nonsense#dn1/1", "@alice-0001", ""])
    func otherNamesSayNothing(name: String) {
        #expect(BookView.parse(roomName: name) == nil)
    }

    @Test(arguments: [
        #"{"mode":"fast"}"#, #"{"mode":1}"#, #"{"depth":0}"#, #"{"depth":1001}"#, #"{"depth":"5"}"#, #"{"depth":1.5}"#, #"{"maxRate":0}"#,
        #"{"maxRate":101}"#, #"{"checksum":1}"#,
    ]) func wrongWishesAreRefused(json: String) {
        #expect(throws: GatewayError.self) { try view(json) }
    }
}
