import GatewayDomain
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Rooms on a bus between nodes", .timeLimit(.minutes(1)))
struct RemoteRoomTests {
    private func run(
        linger: Duration = .seconds(30),
        patience: Duration = .seconds(60),
        _ body: (TestGateway, StubBus) async throws -> Void
    ) async throws {
        try await TestGateway.run({
            $0.router.subscriptionLinger = linger
            $0.router.subscriptionTimeout = patience
            $0.router.sweepInterval = .milliseconds(10)
        }) { gateway in
            try await body(gateway, try await StubBus.attach(to: gateway))
        }
    }

    private func price(_ number: Int, at timestamp: Int = 1) -> String {
        #"{"type":"price_update","symbol":"BTC-USDC","timestamp":\#(timestamp),"data":{"n":\#(number)}}"#
    }

    private let room = "price:BTC-USDC"
    private let join = #"{"room":"price:BTC-USDC"}"#

    @Test func aJoinIsConfirmedWhenTheBusHasConfirmedAndTheKeptValueFollows() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            try await client.emit("join_room", json: join)
            try await bus.expect(["+price:BTC-USDC"])
            // Nothing has been confirmed yet, and what the client says meanwhile is answered first.
            try await client.emit("ping")
            _ = try await client.next("pong")
            try await bus.confirm(room, last: [price(7)])
            #expect(try await client.next("room_joined").string("room") == room)
            let snapshot = try await client.next("price_update")
            #expect(snapshot.integer("n") == 7)
            #expect(snapshot.bool("snapshot") == true)
            try await bus.bring(price(8), by: room)
            let update = try await client.next("price_update")
            #expect(update.integer("n") == 8)
            #expect(update.integer("seq") == (snapshot.integer("seq") ?? -1) + 1)
            #expect(update.string("epoch") == snapshot.string("epoch"))
            await client.disconnect()
        }
    }

    @Test func aJoinThatTheBusDoesNotConfirmIsRefusedAndNothingIsSent() async throws {
        try await run(patience: .milliseconds(50)) { gateway, bus in
            let client = try await gateway.connect()
            #expect(try await client.refusal("join_room", join) == "INTERNAL")
            #expect(try await client.refusal("subscribe_orderbook", #"{"symbol":"BTC-USDC","mode":"delta"}"#) == "INTERNAL")
            #expect(try await client.refusal("subscribe", #"{"types":["price_updates"]}"#) == "INTERNAL")
            try await bus.confirm(room)
            try await bus.bring(price(1), by: room)
            try await client.emit("ping")
            #expect(try await client.event(nil, within: .seconds(30)).name == "pong")
            #expect(try await bus.statistics()?.refusedJoins == 3)
            await client.disconnect()
        }
    }

    @Test func oneSubscriptionServesAllMembersAndEndsAWhileAfterTheLast() async throws {
        try await run(linger: .milliseconds(50)) { gateway, bus in
            let first = try await gateway.connect()
            let second = try await gateway.connect(TestGateway.bob)
            async let firstJoin = first.ask("join_room", join)
            async let secondJoin = second.ask("join_room", join)
            try await bus.expect(["+price:BTC-USDC"])
            try await bus.confirm(room)
            #expect(try await [firstJoin, secondJoin].allSatisfy { $0.contains("true") })
            // A repeated join counts once.
            _ = try await first.ask("join_room", join)
            _ = try await first.ask("leave_room", join)
            await second.disconnect()
            try await bus.expect(["+price:BTC-USDC", "-price:BTC-USDC"])
            // Who comes before the bus has given the room up waits, and gets a new epoch.
            async let third = first.ask("join_room", join)
            try await first.emit("ping")
            _ = try await first.event("pong", within: .seconds(30))
            try await bus.giveUp(room)
            try await bus.expect(["+price:BTC-USDC", "-price:BTC-USDC", "+price:BTC-USDC"])
            try await bus.confirm(room)
            #expect(try await third.contains("true"))
            await first.disconnect()
        }
    }

    @Test func aKeptBookHasNoMoreLevelsThanAPublishedOne() async throws {
        try await TestGateway.run({ $0.router.bookDepth = 2 }) { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let name = "orderbook:BTC-USDC"
            let client = try await gateway.connect()
            async let answer = client.ask("join_room", #"{"room":"\#(name)"}"#)
            try await bus.expect(["+\(name)"])
            let levels = #""bids":[["10","1"],["9","1"],["8","1"]],"asks":[["11","1"]]"#
            let book = #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":1,"data":{\#(levels)}}"#
            try await bus.confirm(name, last: [book])
            _ = try await answer
            let cut = #""bids":[["10","1"],["9","1"]],"asks":[["11","1"]]"#
            _ = try await client.next("room_joined")
            #expect(try await client.next("order_book_update").text.contains(cut))
            // Who asks for more gets all of it.
            _ = try await client.ask("subscribe_orderbook", #"{"symbol":"BTC-USDC","depth":3}"#)
            _ = try await client.next("orderbook_subscribed")
            #expect(try await client.next("order_book_update").text.contains(levels))
            await client.disconnect()
        }
    }

    @Test func whatComesBeforeTheKeptValueFollowsOnIt() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            try await client.emit("join_room", json: join)
            try await bus.expect(["+price:BTC-USDC"])
            for number in 1...3 { try await bus.bring(price(number), by: room) }
            // Kept when the second had been published: the first two are in it.
            try await bus.confirm(room, last: [price(2)])
            _ = try await client.next("room_joined")
            #expect(try await client.next("price_update").integer("n") == 2)
            #expect(try await client.next("price_update").integer("n") == 3)
            await client.disconnect()
        }
    }

    @Test func aLeaveThatFollowsAWaitingJoinIsDoneAfterIt() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            try await client.emit("join_room", json: join)
            try await client.emit("leave_room", json: join)
            try await bus.expect(["+price:BTC-USDC"])
            try await bus.confirm(room)
            _ = try await client.next("room_joined")
            _ = try await client.next("room_left")
            try await bus.bring(price(1), by: room)
            try await client.emit("ping")
            _ = try await client.next("pong")
            await client.disconnect()
        }
    }

    /// Its messages come by a stream, which every node reads whole.
    @Test func aGroupNeedsNoChannel() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            try await client.joined("group:the-group-1")
            let notice = GroupNotice(room: .group("the-group-1"), except: "another", id: "m1", json: #"{"n":1}"#)
            for _ in 0..<2 { try await bus.stream(notice) }
            try await bus.stream(GroupNotice(room: .group("the-group-1"), except: client.session.id, id: "m2", json: #"{"n":2}"#))
            #expect(try await client.ask("leave_room", #"{"room":"group:the-group-1"}"#).contains("true"))
            #expect(try await client.next() == #"room_message {"n":1}"#)
            // Neither what came twice, nor the client's own.
            #expect(try await client.next().hasPrefix("room_left"))
            #expect(bus.calls.isEmpty)
            await client.disconnect()
        }
    }

    @Test func whileTheNodeIsDeafNobodyIsToldToBeInAGroup() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            try await bus.deaf()
            #expect(try await client.refusal("join_room", #"{"room":"group:the-group-1"}"#) == "INTERNAL")
            #expect(try await bus.statistics()?.refusedJoins == 1)
            try await bus.heard()
            try await client.joined("group:the-group-1")
            await client.disconnect()
        }
    }

    @Test func aFirehoseAndARoomGetOneCopyOfWhatComesByBothChannels() async throws {
        try await run { gateway, bus in
            let both = try await gateway.connect()
            async let joined = both.ask("join_room", join)
            try await bus.expect(["+price:BTC-USDC"])
            try await bus.confirm(room)
            _ = try await joined
            async let subscribed = both.ask("subscribe", #"{"types":["price_updates"]}"#)
            try await bus.expect(["+price:BTC-USDC", "+type:price_update"])
            try await bus.confirm("type:price_update")
            _ = try await subscribed
            _ = try await both.event("subscribed", within: .seconds(30))
            for number in 1...2 {
                try await bus.bring(price(number), by: room)
                try await bus.bring(price(number), by: "type:price_update")
            }
            try await bus.bring(price(3), by: "type:price_update")
            try await bus.bring(price(3), by: room)
            // Said twice, and meant twice.
            for name in [room, "type:price_update", "type:price_update", room] { try await bus.bring(price(4), by: name) }
            for number in [1, 2, 3, 4, 4] { #expect(try await both.next("price_update").integer("n") == Int64(number)) }
            #expect(try await bus.statistics()?.merged == 5)
            await both.disconnect()
        }
    }

    @Test func eachOfTheTwoCopiesOfATradeComesByItsChannel() async throws {
        try await run { gateway, bus in
            let client = try await gateway.connect()
            for name in ["trade:BTC-USDC", "user:\(TestGateway.alice)"] {
                async let joined = client.ask("join_room", #"{"room":"\#(name)"}"#)
                for _ in 0..<6000 where !bus.calls.contains("+\(name)") { try await Task.sleep(for: .milliseconds(5)) }
                try await bus.confirm(name)
                _ = try await joined
                _ = try await client.event("room_joined", within: .seconds(30))
            }
            let whole = #"{"type":"trade_notification","symbol":"BTC-USDC","userId":"\#(TestGateway.alice)","id":"t1","data":{}}"#
            try await bus.bring(whole.replacing(#""userId":"alice-0001","#, with: ""), by: "trade:BTC-USDC")
            try await bus.bring(whole, by: "user:\(TestGateway.alice)")
            #expect(try await client.next("trade_notification").bool("personal") == nil)
            #expect(try await client.next("trade_notification").bool("personal") == true)
            // The same once more by the stream, which carries both in one: neither is new.
            try await bus.stream(whole)
            // A channel brings only what belongs on it.
            try await bus.bring(price(1), by: "trade:BTC-USDC")
            try await client.emit("ping")
            _ = try await client.next("pong")
            #expect(try await bus.statistics()?.malformed == 1)
            await client.disconnect()
        }
    }
}
