import GatewayDomain
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("A bus between nodes that fails", .timeLimit(.minutes(1)))
struct RemoteFaultTests {
    private func joined(_ name: String, _ body: (TestGateway, StubBus, SocketIOClient) async throws -> Void) async throws {
        try await TestGateway.run { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            async let answer = client.ask("join_room", #"{"room":"\#(name)"}"#)
            try await bus.expect(["+\(name)"])
            try await bus.confirm(name)
            _ = try await answer
            _ = try await client.next("room_joined")
            try await body(gateway, bus, client)
            await client.disconnect()
        }
    }

    private func event(_ number: Int, type: String = "price_update") -> String {
        #"{"type":"\#(type)","symbol":"BTC-USDC","timestamp":\#(number),"data":{"n":\#(number)}}"#
    }

    @Test func aCutEndsTheEpochAndTheNewOneBeginsWithTheKeptValue() async throws {
        try await joined("price:BTC-USDC") { gateway, bus, client in
            try await bus.bring(event(1), by: "price:BTC-USDC")
            let before = try await client.next("price_update")
            try await bus.cut()
            // Heard again, but what was missed is not known yet.
            try await bus.bring(event(4), by: "price:BTC-USDC")
            try await bus.catchUp("price:BTC-USDC", last: [event(3)])
            let snapshot = try await client.next("price_update")
            #expect(snapshot.integer("n") == 3)
            #expect(snapshot.bool("snapshot") == true)
            #expect(snapshot.string("epoch") != before.string("epoch"))
            let after = try await client.next("price_update")
            #expect(after.integer("n") == 4)
            #expect(after.string("epoch") == snapshot.string("epoch"))
            #expect(after.integer("seq") == (snapshot.integer("seq") ?? -1) + 1)
            #expect(try await bus.statistics()?.endedEpochs == 1)
        }
    }

    @Test(arguments: ["type:price_update", "simple"])
    func theNewEpochBeginsWithTheKeptValueWhicheverWayAnEventComes(_ way: String) async throws {
        try await joined("price:BTC-USDC") { gateway, bus, client in
            let everything = try await gateway.connect(TestGateway.bob)
            async let subscribed = everything.ask("subscribe", #"{"types":["price_updates"]}"#)
            try await bus.expect(["+price:BTC-USDC", "+type:price_update"])
            try await bus.confirm("type:price_update")
            _ = try await subscribed
            _ = try await everything.event("subscribed", within: .seconds(30))
            try await bus.cut()
            try await bus.bring(event(4), by: way)
            try await bus.catchUp("price:BTC-USDC", last: [event(3)])
            let snapshot = try await client.next("price_update")
            #expect(snapshot.integer("n") == 3)
            #expect(snapshot.bool("snapshot") == true)
            #expect(try await client.next("price_update").integer("n") == 4)
            await everything.disconnect()
        }
    }

    /// Of several connections to Redis one may still bring something while another, and with it what follows, is gone.
    @Test func whatCameBeforeTheKeptValueWasFetchedIsNotToldAfterIt() async throws {
        let room = "price:BTC-USDC"
        try await joined(room) { gateway, bus, client in
            try await bus.cut()
            try await bus.bring(event(1), by: room)
            try await bus.fetch(room)
            try await bus.bring(event(10), by: room)
            try await bus.catchUp(room, last: [event(9)])
            #expect(try await client.next("price_update").integer("n") == 9)
            #expect(try await client.next("price_update").integer("n") == 10)
            #expect(try await bus.statistics()?.held == 0)
            // What its publisher has not kept is not lost for that.
            try await bus.cut()
            try await bus.bring(event(12), by: room)
            try await bus.fetch(room)
            try await bus.bring(#"{"type":"price_update","symbol":"BTC-USDC","data":{"n":13}}"#, by: room)
            try await bus.fetch(room)
            try await bus.catchUp(room, last: [event(11)])
            for number in [11, 12, 13] { #expect(try await client.next("price_update").integer("n") == Int64(number)) }
        }
    }

    @Test func noLevelComesBackByAChangeThatTheKeptBookHasAlready() async throws {
        let room = "orderbook:BTC-USDC"
        func change(_ level: String, at timestamp: Int) -> String {
            #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":\#(timestamp),"delta":true,"data":{"bids":[\#(level)],"asks":[]}}"#
        }
        let whole = #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":1,"data":{"bids":[["99","1"]],"asks":[["101","1"]]}}"#
        try await joined(room) { gateway, bus, client in
            try await bus.cut()
            try await bus.bring(change(#"["100","5"]"#, at: 2), by: room)
            try await bus.fetch(room)
            try await bus.catchUp(room, last: [whole], changes: [change(#"["100","5"]"#, at: 2), change(#"["100","0"]"#, at: 3)])
            let book = try await client.next("order_book_update")
            #expect(book.bool("snapshot") == true)
            #expect(book.text.contains(#""bids":[["99","1"]]"#))
            try await bus.bring(change(#"["98","2"]"#, at: 4), by: room)
            #expect(try await client.next("order_book_update").text.contains(#""bids":[["99","1"],["98","2"]]"#))
        }
    }

    /// Redis may lose what was newest, as in a fail-over: what it has then is what changes follow on.
    @Test func changesFollowOnTheKeptBookAlsoWhereItIsOlderThanTheLastThatWasShown() async throws {
        let room = "orderbook:BTC-USDC"
        func book(_ bid: String, at timestamp: Int, _ more: String = #","delta":true"#) -> String {
            #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":\#(timestamp)\#(more),"data":{"bids":[\#(bid)],"asks":[]}}"#
        }
        try await joined(room) { gateway, bus, client in
            try await bus.bring(book(#"["99","1"]"#, at: 1, ""), by: room)
            _ = try await client.next("order_book_update")
            try await bus.bring(book(#"["100","5"]"#, at: 5), by: room)
            #expect(try await client.next("order_book_update").text.contains(#""bids":[["100","5"],["99","1"]]"#))
            try await bus.cut()
            try await bus.fetch(room)
            try await bus.catchUp(room, last: [book(#"["99","1"]"#, at: 1, "")])
            let snapshot = try await client.next("order_book_update")
            #expect(snapshot.bool("snapshot") == true)
            #expect(snapshot.text.contains(#""bids":[["99","1"]]"#))
            try await bus.bring(book(#"["98","2"]"#, at: 6), by: room)
            #expect(try await client.next("order_book_update").text.contains(#""bids":[["99","1"],["98","2"]]"#))
        }
    }

    @Test func whoHasPortfoliosByTheirTypeAloneGetsTheKeptOneToo() async throws {
        try await TestGateway.run { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            let room = "portfolio:\(TestGateway.alice)"
            async let subscribed = client.ask("subscribe", #"{"types":["portfolio_updates"]}"#)
            try await bus.expect(["+\(room)"])
            try await bus.confirm(room)
            _ = try await subscribed
            _ = try await client.next("subscribed")
            try await bus.cut()
            let kept = #"{"type":"portfolio_update","userId":"\#(TestGateway.alice)","timestamp":2,"data":{"n":2}}"#
            try await bus.catchUp(room, last: [kept])
            let portfolio = try await client.next("portfolio_update")
            #expect(portfolio.integer("n") == 2)
            #expect(portfolio.bool("snapshot") == true)
            await client.disconnect()
        }
    }

    @Test func whatWaitsForAValueThatNobodyWantsAnyMoreIsLetGo() async throws {
        try await TestGateway.run({
            $0.router.subscriptionLinger = .milliseconds(1)
            $0.router.sweepInterval = .milliseconds(10)
        }) { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            async let answer = client.ask("join_room", #"{"room":"price:BTC-USDC"}"#)
            try await bus.expect(["+price:BTC-USDC"])
            try await bus.confirm("price:BTC-USDC")
            _ = try await answer
            try await bus.cut()
            try await bus.bring(event(1), by: "price:BTC-USDC")
            #expect(try await bus.statistics()?.held == 1)
            await client.disconnect()
            try await bus.expect(["+price:BTC-USDC", "-price:BTC-USDC"])
            try await bus.giveUp("price:BTC-USDC")
            #expect(try await bus.statistics()?.held == 0)
            #expect(try await bus.statistics()?.topics == 0)
        }
    }

    @Test func whoJoinsARoomThatIsCutIsConfirmedWhenItIsHeardAgain() async throws {
        try await joined("price:BTC-USDC") { gateway, bus, client in
            try await bus.cut()
            let late = try await gateway.connect(TestGateway.bob)
            try await late.emit("join_room", json: #"{"room":"price:BTC-USDC"}"#)
            try await late.emit("ping")
            _ = try await late.next("pong")
            try await bus.catchUp("price:BTC-USDC", last: [event(1)])
            _ = try await late.next("room_joined")
            #expect(try await late.next("price_update").bool("snapshot") == true)
            await late.disconnect()
        }
    }

    @Test func streamsGoOnInTheSameEpochOverACutButNotOverAGap() async throws {
        try await joined("trade:BTC-USDC") { gateway, bus, client in
            let trade = { event($0, type: "trade_notification") }
            try await bus.stream(trade(1))
            let first = try await client.next("trade_notification")
            try await bus.cut()
            try await bus.catchUp("trade:BTC-USDC", last: [])
            try await bus.stream(trade(2))
            let second = try await client.next("trade_notification")
            #expect(second.string("epoch") == first.string("epoch"))
            #expect(second.integer("seq") == 2)
            try await bus.gap(.tradeNotification)
            try await bus.stream(trade(5))
            let afterGap = try await client.next("trade_notification")
            #expect(afterGap.string("epoch") != first.string("epoch"))
            #expect(afterGap.integer("seq") == 1)
            #expect(try await bus.statistics()?.gaps == 1)
        }
    }

    @Test func aRoomThatIsFedByPublishSubscribeHasANewEpochAfterACut() async throws {
        try await joined("trade:BTC-USDC") { gateway, bus, client in
            let trade = { event($0, type: "trade_notification") }
            try await bus.bring(trade(1), by: "trade:BTC-USDC")
            let first = try await client.next("trade_notification")
            try await bus.cut()
            try await bus.catchUp("trade:BTC-USDC", last: [])
            try await bus.bring(trade(2), by: "trade:BTC-USDC")
            #expect(try await client.next("trade_notification").string("epoch") != first.string("epoch"))
        }
    }

    @Test func membersAreToldWhenTheNodeIsDeafAndWhenItHearsAgain() async throws {
        try await joined("portfolio:\(TestGateway.alice)") { gateway, bus, client in
            try await bus.deaf()
            #expect(try await client.next("feed_stale").string("room") == "portfolio:\(TestGateway.alice)")
            try await bus.cut()
            let last = #"{"type":"portfolio_update","userId":"\#(TestGateway.alice)","data":{"n":1}}"#
            try await bus.catchUp("portfolio:\(TestGateway.alice)", last: [last])
            try await bus.heard()
            #expect(try await client.next("portfolio_update").bool("snapshot") == true)
            #expect(try await client.next("feed_live").string("room") == "portfolio:\(TestGateway.alice)")
            let statistics = try #require(try await bus.statistics())
            #expect(statistics.isHeard)
            #expect(statistics.deafTime == .seconds(3))
        }
    }

    @Test func aBookThatIsFedByChangesIsMadeOfTheKeptBookAndItsChanges() async throws {
        try await TestGateway.run { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            try await client.emit("subscribe_orderbook", json: #"{"symbol":"BTC-USDC"}"#)
            try await bus.expect(["+orderbook:BTC-USDC"])
            func book(_ bids: String, delta: Bool = false) -> String {
                #"{"type":"order_book_update","symbol":"BTC-USDC",\#(delta ? #""delta":true,"# : "")"data":{"bids":\#(bids),"asks":[]}}"#
            }
            // A change that was published meanwhile, and had been kept too when the book was asked for: applying it twice does no harm.
            try await bus.bring(book(#"[["101","5"]]"#, delta: true), by: "orderbook:BTC-USDC")
            try await bus.confirm(
                "orderbook:BTC-USDC",
                last: [book(#"[["100","1"]]"#)],
                changes: [book(#"[["100","0"],["101","2"]]"#, delta: true), book(#"[["101","5"]]"#, delta: true)]
            )
            _ = try await client.next("orderbook_subscribed")
            let snapshot = try await client.next("order_book_update")
            #expect(snapshot.bool("snapshot") == true)
            #expect(snapshot.raw("bids").map { String(decoding: $0, as: UTF8.self) } == #"[["101","5"]]"#)
            #expect(try await client.next("order_book_update").raw("bids").map { String(decoding: $0, as: UTF8.self) } == #"[["101","5"]]"#)
            try await bus.bring(book(#"[["99","1"]]"#, delta: true), by: "orderbook:BTC-USDC")
            let update = try await client.next("order_book_update")
            #expect(update.raw("bids").map { String(decoding: $0, as: UTF8.self) } == #"[["101","5"],["99","1"]]"#)
            await client.disconnect()
        }
    }
}
