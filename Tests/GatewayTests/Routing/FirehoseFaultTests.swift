import GatewayDomain
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

/// Clients that follow prices by their type alone, on a bus that fails.
@Suite("A bus that fails, and firehoses", .timeLimit(.minutes(1)))
struct FirehoseFaultTests {
    private static let type = "type:price_update"
    private static let room = "price:BTC-USDC"

    /// Where rooms are given up at once.
    private func subscribed(linger: Duration = .seconds(30), _ body: (TestGateway, StubBus, SocketIOClient) async throws -> Void)
        async throws
    {
        try await TestGateway.run({
            $0.router.subscriptionLinger = linger
            $0.router.sweepInterval = .milliseconds(10)
            $0.router.feedTimeout = .seconds(3600)
        }) { gateway in
            let bus = try await StubBus.attach(to: gateway)
            let client = try await gateway.connect()
            async let answer = client.ask("subscribe", #"{"types":["price_updates"]}"#)
            try await bus.expect(["+\(Self.type)"])
            try await bus.confirm(Self.type)
            _ = try await answer
            _ = try await client.next("subscribed")
            try await body(gateway, bus, client)
            await client.disconnect()
        }
    }

    private func event(_ number: Int, of symbol: String = "BTC-USDC") -> String {
        #"{"type":"price_update","symbol":"\#(symbol)","timestamp":\#(number),"data":{"n":\#(number)}}"#
    }

    /// A client that is let into the room, by the bus' word.
    private func join(_ gateway: TestGateway, _ bus: StubBus) async throws -> SocketIOClient {
        let client = try await gateway.connect(TestGateway.bob)
        async let answer = client.ask("join_room", #"{"room":"\#(Self.room)"}"#)
        try await bus.expect(["+\(Self.type)", "+\(Self.room)"])
        try await bus.confirm(Self.room)
        _ = try await answer
        _ = try await client.next("room_joined")
        return client
    }

    /// Reads the next two prices: where the new epoch begins, and what follows on it.
    private func expectNewEpoch(_ client: SocketIOClient, after before: JSONObject, kept: Int, then next: Int) async throws {
        let snapshot = try await client.next("price_update")
        #expect(snapshot.integer("n") == Int64(kept))
        #expect(snapshot.bool("snapshot") == true)
        #expect(snapshot.string("epoch") != before.string("epoch"))
        let after = try await client.next("price_update")
        #expect(after.integer("n") == Int64(next))
        #expect(after.string("epoch") == snapshot.string("epoch"))
        #expect(after.integer("seq") == (snapshot.integer("seq") ?? -1) + 1)
    }

    @Test func theNewEpochOfEachPriceBeginsWithTheKeptValue() async throws {
        try await subscribed { gateway, bus, client in
            try await bus.bring(event(1), by: Self.type)
            let before = try await client.next("price_update")
            try await bus.cut()
            let rooms = try await bus.fetch(all: [Self.type])
            #expect(rooms.map(\.name) == [Self.room])
            // Heard again, but what was missed is not known yet.
            try await bus.bring(event(4), by: Self.type)
            #expect(try await bus.statistics()?.held == 1)
            try await bus.catchUp(all: [Self.type], rooms, last: [Self.room: event(3)])
            try await expectNewEpoch(client, after: before, kept: 3, then: 4)
            #expect(try await bus.statistics()?.held == 0)
            try await bus.bring(event(5), by: Self.type)
            #expect(try await client.next("price_update").integer("seq") == 2)
        }
    }

    @Test func aPriceThatDoesNotChangeAnyMoreIsShownToo() async throws {
        try await subscribed { gateway, bus, client in
            for symbol in ["BTC-USDC", "ETH-USDC"] {
                try await bus.bring(event(1, of: symbol), by: Self.type)
                _ = try await client.next("price_update")
            }
            try await bus.cut()
            let rooms = try await bus.fetch(all: [Self.type])
            try await bus.catchUp(all: [Self.type], rooms, last: [Self.room: event(2)])
            // Of the other nothing is kept: it is the one that is known.
            var shown: [String: Int64] = [:]
            for _ in 0..<2 {
                let price = try await client.next("price_update")
                #expect(price.bool("snapshot") == true)
                shown[price.string("symbol") ?? ""] = price.integer("n")
            }
            #expect(shown == ["BTC-USDC": 2, "ETH-USDC": 1])
        }
    }

    @Test func whatCameBeforeTheKeptValueWasFetchedIsNotToldBehindIt() async throws {
        try await subscribed { gateway, bus, client in
            try await bus.bring(event(1), by: Self.type)
            let before = try await client.next("price_update")
            try await bus.cut()
            try await bus.bring(event(2), by: Self.type)
            let rooms = try await bus.fetch(all: [Self.type])
            try await bus.bring(event(4), by: Self.type)
            try await bus.catchUp(all: [Self.type], rooms, last: [Self.room: event(3)])
            try await expectNewEpoch(client, after: before, kept: 3, then: 4)
        }
    }

    @Test func aRoomWithMembersIsShownByItsOwnTopicOnce() async throws {
        try await subscribed { gateway, bus, client in
            let member = try await join(gateway, bus)
            try await bus.bring(event(1), by: Self.room)
            let before = try await client.next("price_update")
            _ = try await member.next("price_update")
            try await bus.cut()
            let topics = [Self.type, Self.room]
            let rooms = try await bus.fetch(all: topics)
            #expect(rooms.map(\.name) == [Self.room])
            try await bus.bring(event(4), by: Self.type)
            try await bus.catchUp(all: topics, rooms, last: [Self.room: event(3)])
            for client in [client, member] { try await expectNewEpoch(client, after: before, kept: 3, then: 4) }
            #expect(try await bus.statistics()?.held == 0)
            await member.disconnect()
        }
    }

    @Test func aRoomThatIsJoinedMeanwhileIsShownByItsOwnTopic() async throws {
        try await subscribed { gateway, bus, client in
            try await bus.bring(event(1), by: Self.type)
            let before = try await client.next("price_update")
            try await bus.cut()
            let member = try await gateway.connect(TestGateway.bob)
            async let answer = member.ask("join_room", #"{"room":"\#(Self.room)"}"#)
            try await bus.expect(["+\(Self.type)", "+\(Self.room)"])
            let rooms = try await bus.fetch(all: [Self.type])
            #expect(rooms.isEmpty)
            try await bus.catchUp(all: [Self.type], rooms, last: [:])
            try await bus.fetch(Self.room)
            try await bus.bring(event(4), by: Self.type)
            #expect(try await bus.statistics()?.held == 1)
            try await bus.confirm(Self.room, last: [event(3)])
            _ = try await answer
            _ = try await member.next("room_joined")
            for client in [client, member] { try await expectNewEpoch(client, after: before, kept: 3, then: 4) }
            #expect(try await bus.statistics()?.held == 0)
            await member.disconnect()
        }
    }

    @Test(arguments: [true, false])
    func whatWaitsForARoomThatIsGivenUpIsToldAllTheSame(_ pricesAreHeardBefore: Bool) async throws {
        try await subscribed(linger: .milliseconds(1)) { gateway, bus, client in
            let member = try await join(gateway, bus)
            try await bus.bring(event(1), by: Self.room)
            let before = try await client.next("price_update")
            try await bus.cut()
            if pricesAreHeardBefore { try await bus.catchUp(all: [Self.type], [], last: [:]) }
            await member.disconnect()
            try await bus.expect(["+\(Self.type)", "+\(Self.room)", "-\(Self.room)"])
            if pricesAreHeardBefore {
                try await bus.bring(event(4), by: Self.type)
                #expect(try await bus.statistics()?.held == 1)
                try await bus.giveUp(Self.room)
                try await expectNewEpoch(client, after: before, kept: 1, then: 4)
            } else {
                try await bus.giveUp(Self.room)
                let rooms = try await bus.fetch(all: [Self.type])
                #expect(rooms.map(\.name) == [Self.room])
                try await bus.bring(event(4), by: Self.type)
                #expect(try await bus.statistics()?.held == 1)
                try await bus.catchUp(all: [Self.type], rooms, last: [Self.room: event(3)])
                try await expectNewEpoch(client, after: before, kept: 3, then: 4)
            }
            #expect(try await bus.statistics()?.held == 0)
        }
    }

    /// No cut, only a first member: while its room is subscribed to an event may come by the one channel before the other.
    @Test func whoFollowsByTypeMissesNothingWhileSomebodyJoinsTheRoom() async throws {
        try await subscribed { gateway, bus, client in
            try await bus.bring(event(1), by: Self.type)
            let first = try await client.next("price_update")
            let member = try await gateway.connect(TestGateway.bob)
            async let answer = member.ask("join_room", #"{"room":"\#(Self.room)"}"#)
            try await bus.expect(["+\(Self.type)", "+\(Self.room)"])
            try await bus.bring(event(2), by: Self.room)
            try await bus.bring(event(2), by: Self.type)
            // Not ahead of what waits.
            try await bus.bring(event(3), by: Self.type)
            #expect(try await bus.statistics()?.held == 2)
            try await bus.confirm(Self.room, last: [event(2)])
            _ = try await answer
            _ = try await member.next("room_joined")
            for client in [client, member] {
                #expect(try await client.next("price_update").integer("n") == 2)
                let newest = try await client.next("price_update")
                #expect(newest.integer("n") == 3)
                #expect(newest.string("epoch") == first.string("epoch"))
                #expect(newest.integer("seq") == 2)
            }
            #expect(try await bus.statistics()?.held == 0)
            await member.disconnect()
        }
    }

    @Test func nothingWaitsWhereNobodyFollowsPricesAnyMore() async throws {
        try await subscribed(linger: .milliseconds(1)) { gateway, bus, client in
            try await bus.bring(event(1), by: Self.type)
            _ = try await client.next("price_update")
            try await bus.cut()
            try await bus.bring(event(2), by: Self.type)
            #expect(try await bus.statistics()?.held == 1)
            _ = try await client.ask("unsubscribe", #"{"type":"price_updates"}"#)
            _ = try await client.next("unsubscribed")
            try await bus.expect(["+\(Self.type)", "-\(Self.type)"])
            try await bus.giveUp(Self.type)
            #expect(try await bus.statistics()?.held == 0)
            try await bus.bring(event(3), by: "simple")
            #expect(try await bus.statistics()?.held == 0)
        }
    }

    @Test func whoFollowsByTypeAloneIsToldWhenTheNodeIsDeafAndWhenItHearsAgain() async throws {
        try await subscribed { gateway, bus, client in
            let portfolio = "portfolio:\(TestGateway.alice)"
            async let answer = client.ask("subscribe", #"{"types":["portfolio_updates"]}"#)
            try await bus.expect(["+\(Self.type)", "+\(portfolio)"])
            try await bus.confirm(portfolio)
            _ = try await answer
            _ = try await client.next("subscribed")
            try await bus.bring(event(1), by: Self.type)
            _ = try await client.next("price_update")
            try await bus.deaf()
            var rooms: Set<String> = []
            for _ in 0..<2 { rooms.insert(try await client.next("feed_stale").string("room") ?? "") }
            #expect(rooms == [Self.room, portfolio])
            try await bus.heard()
            rooms = []
            for _ in 0..<2 { rooms.insert(try await client.next("feed_live").string("room") ?? "") }
            #expect(rooms == [Self.room, portfolio])
        }
    }

    @Test func whoIsInTheRoomTooIsToldOnce() async throws {
        try await subscribed { gateway, bus, client in
            async let answer = client.ask("join_room", #"{"room":"\#(Self.room)"}"#)
            try await bus.expect(["+\(Self.type)", "+\(Self.room)"])
            try await bus.confirm(Self.room)
            _ = try await answer
            _ = try await client.next("room_joined")
            try await bus.deaf()
            try await bus.heard()
            try await bus.deaf()
            for name in ["feed_stale", "feed_live", "feed_stale"] { #expect(try await client.next(name).string("room") == Self.room) }
        }
    }
}
