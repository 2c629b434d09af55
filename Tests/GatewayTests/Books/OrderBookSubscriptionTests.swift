import GatewayDomain
import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Order books as clients ask for them", .timeLimit(.minutes(1)))
struct OrderBookSubscriptionTests {
    private func publish(_ gateway: TestGateway, _ data: String, isDelta: Bool = false) async throws {
        let delta = isDelta ? #""delta":true,"# : ""
        try await gateway.server.publish(
            json: #"{"type":"order_book_update","symbol":"BTC-USDC",\#(delta)"data":\#(data),"timestamp":7}"#
        )
    }

    private func subscribe(_ client: SocketIOClient, _ wishes: String) async throws -> JSONObject {
        let members = #""symbol":"BTC-USDC"\#(wishes.isEmpty ? "" : ",")\#(wishes)"#
        #expect(try await client.ask("subscribe_orderbook", "{\(members)}") == #"{"ok":true,\#(members)}"#)
        return try await client.next("orderbook_subscribed")
    }

    @Test func publishedChangesReachEachInItsWay() async throws {
        try await TestGateway.run { gateway in
            let whole = try await gateway.connect()
            let changes = try await gateway.connect()
            let top = try await gateway.connect(TestGateway.bob)
            try await publish(gateway, #"{"bids":[["10","1"],["9","2"]],"asks":[["11","3"]]}"#)
            _ = try await subscribe(whole, "")
            _ = try await subscribe(changes, #""mode":"delta""#)
            _ = try await subscribe(top, #""depth":1"#)
            #expect(try await whole.next("order_book_update").bool("snapshot") == true)
            #expect(try await changes.next("order_book_update").bool("snapshot") == true)
            let first = try await top.next("order_book_update")
            #expect(
                first.text.hasPrefix(#"{"symbol":"BTC-USDC","bids":[["10","1"]],"asks":[["11","3"]],"timestamp":7"#)
                    || first.bool("snapshot") == true
            )

            try await publish(gateway, #"{"bids":[["9","0"],["8","5"]]}"#, isDelta: true)
            try await publish(gateway, #"{"bids":[["10","4"]]}"#, isDelta: true)

            let book = try await whole.next("order_book_update")
            #expect(book.text.hasPrefix(#"{"symbol":"BTC-USDC","bids":[["10","1"],["8","5"]],"asks":[["11","3"]],"timestamp":7,"epoch":"#))
            let delta = try await changes.next("order_book_update")
            #expect(delta.text.hasPrefix(#"{"symbol":"BTC-USDC","bids":[["9","0"],["8","5"]],"asks":[],"timestamp":7,"epoch":"#))
            #expect(delta.text.hasSuffix(#","seqFirst":2,"seq":2,"delta":true}"#))
            // The first change was below the depth.
            let best = try await top.next("order_book_update")
            #expect(best.text.hasPrefix(#"{"symbol":"BTC-USDC","bids":[["10","4"]],"asks":[["11","3"]]"#))
            #expect(best.text.hasSuffix(#","seqFirst":2,"seq":3}"#))
            for client in [whole, changes, top] { await client.disconnect() }
        }
    }

    @Test func theBestLevelsAreKeptHoweverABookIsWritten() async throws {
        try await TestGateway.run({ $0.router.bookDepth = 2 }) { gateway in
            let client = try await gateway.connect()
            try await client.joined("orderbook:BTC-USDC")
            try await publish(gateway, #"{"bids":[["8.0",1],["9","1"],[10,"1"]],"n":5,"asks":[["13","1"],["12","1"],["11","1.0"]]}"#)
            let best = #""bids":[[10,"1"],["9","1"]],"n":5,"asks":[["11","1.0"],["12","1"]],"timestamp":7"#
            #expect(try await client.next("order_book_update").text.hasPrefix(#"{"symbol":"BTC-USDC",\#(best)"#))
            let late = try await gateway.connect(TestGateway.bob)
            try await late.joined("orderbook:BTC-USDC")
            #expect(try await late.next("order_book_update").text.hasPrefix(#"{"symbol":"BTC-USDC",\#(best)"#))
            // Where nothing is cut off it stays as it was written.
            try await publish(gateway, #"{"bids":[["8","1"],["9","1"]],"asks":[]}"#)
            #expect(try await client.next("order_book_update").text.contains(#""bids":[["8","1"],["9","1"]],"asks":[]"#))
            for client in [client, late] { await client.disconnect() }
        }
    }

    @Test func aBooksTimeIsThatOfItsPublicationInEachView() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            try await publish(gateway, #"{"bids":[["10","1"]],"asks":[]}"#)
            for wishes in [#""depth":5"#, #""mode":"delta""#] {
                _ = try await subscribe(client, wishes)
                #expect(try await client.next("order_book_update").integer("timestamp") == 7)
            }
            await client.disconnect()
        }
    }

    @Test func anotherWishTakesThePlaceOfTheFirst() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            _ = try await subscribe(client, "")
            _ = try await subscribe(client, #""mode":"delta","checksum":true"#)
            try await publish(gateway, #"{"bids":[["10","1"]],"asks":[]}"#)
            #expect(try await client.next("order_book_update").bool("snapshot") == true)
            try await publish(gateway, #"{"bids":[["10","2"]],"asks":[]}"#)
            let delta = try await client.next("order_book_update")
            #expect(delta.bool("delta") == true)
            #expect(delta.integer("checksum") != nil)
            _ = try await subscribe(client, "")
            #expect(try await client.next("order_book_update").bool("snapshot") == true)
            try await publish(gateway, #"{"bids":[["10","3"]],"asks":[]}"#)
            #expect(try await client.next("order_book_update").bool("delta") == nil)
            try await gateway.server.publish(json: #"{"type":"system_alert","data":{"mark":true}}"#)
            _ = try await client.next("system_alert")
            await client.disconnect()
        }
    }

    @Test func leavingEndsEveryWay() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let ways = [
                ("leave_room", #"{"room":"orderbook:BTC-USDC"}"#, "room_left"),
                ("unsubscribe", #"{"type":"orderbook","identifier":"BTC-USDC"}"#, "unsubscribed"),
            ]
            for (round, leave) in ways.enumerated() {
                _ = try await subscribe(client, #""depth":5,"maxRate":50"#)
                if round > 0 { #expect(try await client.next("order_book_update").bool("snapshot") == true) }
                _ = try await client.ask(leave.0, leave.1)
                _ = try await client.next(leave.2)
                try await publish(gateway, #"{"bids":[["10","1"]],"asks":[]}"#)
                try await gateway.server.publish(json: #"{"type":"system_alert","data":{"mark":true}}"#)
                _ = try await client.next("system_alert")
                #expect(try await gateway.metric("moonx_rooms_with_members") == 0)
            }
            await client.disconnect()
        }
    }

    @Test func whoGoesIsCountedOut() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            _ = try await subscribe(client, #""mode":"delta""#)
            #expect(try await gateway.metric("moonx_rooms_with_members") == 1)
            await client.disconnect()
            while try await gateway.metric("moonx_rooms_with_members") != 0 { await Task.yield() }
        }
    }

    @Test func changesWithoutABookAreDroppedAndCounted() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            _ = try await subscribe(client, #""mode":"delta""#)
            try await publish(gateway, #"{"bids":[["10","1"]]}"#, isDelta: true)
            #expect(try await gateway.metric("moonx_book_deltas_dropped_total") == 1)
            try await publish(gateway, #"{"bids":[["10","2"]],"asks":[]}"#)
            #expect(try await client.next("order_book_update").text.hasPrefix(#"{"symbol":"BTC-USDC","bids":[["10","2"]]"#))
            // It is no book to change, but what everyone gets.
            try await publish(gateway, #"{"bids":"none"}"#)
            let odd = try await client.next("order_book_update")
            #expect(odd.text.hasPrefix(#"{"symbol":"BTC-USDC","bids":"none","#))
            #expect(odd.bool("snapshot") == true)
            #expect(try await gateway.metric("moonx_books_malformed_total") == 1)
            await client.disconnect()
        }
    }

    @Test func wishesHaveAForm() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            for wish in [#""mode":"fast""#, #""depth":0"#, #""maxRate":1000"#, #""checksum":"yes""#] {
                #expect(try await client.refusal("subscribe_orderbook", #"{"symbol":"BTC-USDC",\#(wish)}"#) == "INVALID_MESSAGE")
            }
            #expect(try await client.refusal("subscribe_orderbook", #"{"symbol":"nothing","depth":5}"#) == "ROOM_NOT_FOUND")
            await client.disconnect()
        }
    }

    @Test func theWaysToSeeOneBookAreBounded() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let other = try await gateway.connect(TestGateway.bob)
            let clients = [client, other]
            var refusal: String?
            var others: [SocketIOClient] = []
            for depth in 1...65 {
                let newcomer = try await gateway.connect("user-\(10_000 + depth)")
                others.append(newcomer)
                refusal = try await newcomer.refusal("subscribe_orderbook", #"{"symbol":"BTC-USDC","depth":\#(depth)}"#)
                if refusal != nil { break }
            }
            #expect(others.count == 65)
            #expect(refusal == "ROOM_LIMIT")
            for client in clients + others { await client.disconnect() }
        }
    }
}
