import GatewayDomain
import JSONScan
import NIOCore
import RedisServers
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

@Suite(
    "Events over a real Redis",
    .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)),
    .serialized,
    .timeLimit(.minutes(2))
)
struct RedisBusTests {
    private static let events: [(room: String, json: String)] = [
        ("price:BTC-USDC", #""type":"price_update","symbol":"BTC-USDC""#),
        ("orderbook:BTC-USDC", #""type":"order_book_update","symbol":"BTC-USDC""#),
        ("chart:BTC", #""type":"chart_update","symbol":"BTC""#),
        ("trade:BTC-USDC", #""type":"trade_notification","symbol":"BTC-USDC""#),
        ("portfolio:alice-0001", #""type":"portfolio_update","userId":"alice-0001""#),
        ("orders:alice-0001", #""type":"order_update","userId":"alice-0001""#),
        ("user:alice-0001", #""type":"notification","userId":"alice-0001""#),
    ]

    @Test func eachTypeIsHeardOnTheOtherNodeOnce() async throws {
        try await TestCluster.run { cluster in
            let client = try await cluster.nodes[1].connect()
            try await cluster.settled()
            for (room, _) in Self.events { try await client.joined(room) }
            for (_, json) in Self.events {
                #expect(try await cluster.nodes[0].publish("{\(json),\"data\":{\"n\":\"1.10\"}}").status == 202)
            }
            #expect(try await cluster.nodes[0].publish(#"{"type":"system_alert","data":{"n":"1.10"}}"#).status == 202)
            var seen: [String] = []
            for _ in 0..<Self.events.count + 1 {
                let event = try await client.event(nil, within: .seconds(30))
                #expect(event.arguments.object(0)?.string("n") == "1.10")
                seen.append(event.name)
            }
            #expect(Set(seen) == Set(EventType.allCases.map(\.rawValue)))
            await client.disconnect()
        }
    }

    /// Gateways say portfolios on channels; a publisher that writes them to their stream is heard as well.
    @Test func everyTypeThatAPublisherWritesToItsStreamIsHeardOnEveryNode() async throws {
        try await TestCluster.run { cluster in
            var clients: [SocketIOClient] = []
            for node in cluster.nodes { clients.append(try await node.connect()) }
            for client in clients { for (room, _) in Self.events { try await client.joined(room) } }
            let types: [EventType] = [.tradeNotification, .orderUpdate, .notification, .systemAlert, .portfolioUpdate]
            for type in types {
                // A trade with a user is two events.
                let user = type == .tradeNotification ? "" : #""userId":"alice-0001","#
                let envelope = #"{"type":"\#(type.rawValue)","symbol":"BTC-USDC",\#(user)"data":{"n":1.10}}"#
                try await cluster.redis.cli("XADD", "moonx:stream:\(type.rawValue)", "*", "event", envelope)
                for client in clients { #expect(try await client.next(type.rawValue).text.contains(#""n":1.10"#)) }
            }
            for client in clients { await client.disconnect() }
        }
    }

    @Test func aCutOfSubscriptionsLosesNoTradeAndBeginsANewEpochOfPrices() async throws {
        try await TestCluster.run { cluster in
            // Two clients: trades and prices come by different ways, whichever is faster.
            let trader = try await cluster.nodes[1].connect()
            try await trader.joined("trade:BTC-USDC")
            let watcher = try await cluster.nodes[1].connect()
            try await watcher.joined("price:BTC-USDC")
            func publish(_ number: Int) async throws {
                for type in ["trade_notification", "price_update"] {
                    let json = #"{"type":"\#(type)","symbol":"BTC-USDC","data":{"n":\#(number)}}"#
                    #expect(try await cluster.nodes[0].publish(json).status == 202)
                }
            }
            try await publish(1)
            let trade = try await trader.event("trade_notification", within: .seconds(30)).arguments.object(0)
            let price = try await watcher.event("price_update", within: .seconds(30)).arguments.object(0)
            try await cluster.redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
            try await publish(2)
            let nextTrade = try await trader.event("trade_notification", within: .seconds(30)).arguments.object(0)
            #expect(nextTrade?.string("epoch") == trade?.string("epoch"))
            #expect(nextTrade?.integer("seq") == 2)
            var update = try await watcher.event("price_update", within: .seconds(30)).arguments.object(0)
            #expect(update?.string("epoch") != price?.string("epoch"))
            #expect(update?.bool("snapshot") == true)
            while update?.integer("n") != 2 { update = try await watcher.event("price_update", within: .seconds(30)).arguments.object(0) }
            #expect(try await cluster.nodes[1].metric("moonx_bus_cuts_total") == 1)
            #expect(try await cluster.nodes[1].metric("moonx_bus_gaps_total") == 0)
            for client in [trader, watcher] { await client.disconnect() }
        }
    }

    @Test func twoPublishersOfOneBookNeedNotHaveSeenItsBeginning() async throws {
        try await TestCluster.run { cluster in
            func publish(_ members: String, to node: Int) async throws {
                let json = #"{"type":"order_book_update","symbol":"BTC-USDC",\#(members)}"#
                #expect(try await cluster.nodes[node].publish(json).status == 202)
            }
            try await publish(#""data":{"bids":[["100","1"]],"asks":[]}"#, to: 0)
            for number in 0..<600 { try await publish(#""delta":true,"data":{"bids":[["99","\#(number)"]],"asks":[]}"#, to: number % 2) }
            let kept = try await cluster.redis.cli("LLEN", "{moonx:last:orderbook:BTC-USDC}:changes")
            #expect(try #require(Int(kept)) < 600)
            let client = try await cluster.nodes[1].connect()
            #expect(try await client.ask("subscribe_orderbook", #"{"symbol":"BTC-USDC"}"#).contains("true"))
            let book = try await client.event("order_book_update", within: .seconds(30)).arguments.object(0)
            #expect(book?.raw("bids").map { String(decoding: $0, as: UTF8.self) } == #"[["100","1"],["99","599"]]"#)
            await client.disconnect()
        }
    }

    @Test func aBookAndItsChangesBecomeOneAndWhatCannotBeReadIsNone() throws {
        let room = try #require(Room(name: "orderbook:BTC-USDC"))
        func event(_ members: String) -> ByteBuffer {
            ByteBuffer(string: #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":5,\#(members)}"#)
        }
        let whole = event(#""data":{"bids":[["100","1"],["99","2"]],"asks":[["101","3"]]}"#)
        let change = event(#""delta":true,"data":{"bids":[["100","0"]],"asks":[["102","4"]]}"#)
        let merged = try #require(BookCompaction.merge(whole, [change], room: room, now: 9))
        #expect(
            String(buffer: merged)
                == #"{"type":"order_book_update","symbol":"BTC-USDC","timestamp":5,"data":{"bids":[["99","2"]],"asks":[["101","3"],["102","4"]]}}"#
        )
        #expect(BookCompaction.merge(whole, [event(#""delta":true,"data":{"bids":[["x","0"]],"asks":[]}"#)], room: room, now: 9) == nil)
        #expect(BookCompaction.merge(change, [], room: room, now: 9) == nil)
        #expect(BookCompaction.merge(ByteBuffer(string: "x"), [], room: room, now: 9) == nil)
    }
}
