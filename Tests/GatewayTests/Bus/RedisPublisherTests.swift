import GatewayDomain
import JSONScan
import Logging
import NIOCore
import NIOPosix
import RESP
import RedisClient
import RedisServers
import Testing

@testable import Gateway

@Suite("RedisPublisher", .timeLimit(.minutes(2)))
struct RedisPublisherTests {
    private func client(_ url: String, isCluster: Bool? = nil) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        (configuration.connectTimeout, configuration.commandTimeout) = (.seconds(30), .seconds(30))
        configuration.isCluster = isCluster
        return try RedisClient(configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
    }

    private func trade(_ number: Int, padding: Int = 0) throws -> Envelope {
        let text = String(repeating: "x", count: padding)
        return try Envelope(
            json: Array(#"{"type":"trade_notification","symbol":"BTC-USDC","timestamp":1,"data":{"n":\#(number),"x":"\#(text)"}}"#.utf8)
        )
    }

    private let room = Room(name: "price:BTC-USDC")!

    private func price(_ number: Int, padding: Int = 0) throws -> Envelope {
        let text = String(repeating: "x", count: padding)
        return try Envelope(
            json: Array(#"{"type":"price_update","symbol":"BTC-USDC","timestamp":1,"data":{"n":\#(number),"x":"\#(text)"}}"#.utf8)
        )
    }

    private func book(isDelta: Bool) throws -> Envelope {
        try Envelope(
            json: Array(
                #"{"type":"order_book_update","symbol":"BTC-USDC","delta":\#(isDelta),"timestamp":1,"data":{"bids":[["1","2"]],"asks":[]}}"#
                    .utf8
            )
        )
    }

    @Test func whatABatchBringsToOneStreamIsOneCommand() throws {
        let publisher = RedisPublisher(client: try client("redis://127.0.0.1:1"))
        let alert = try Envelope(json: Array(#"{"type":"system_alert","timestamp":1,"data":{}}"#.utf8))
        let price = try Envelope(json: Array(#"{"type":"price_update","symbol":"BTC-USDC","timestamp":1,"data":{}}"#.utf8))
        let steps = publisher.plan([try trade(1), price, alert, try trade(2), try trade(3)], now: 3_600_005)
        #expect(steps.map(\.command.name) == ["EVAL", "SET", "XADD", "PUBLISH", "PUBLISH"])
        let entries = try [1, 2, 3].map { RedisArgument.buffer(try trade($0).wire(receivedAt: 0)) }
        #expect(Array(steps[0].command.arguments.dropFirst()) == [.integer(1), "moonx:stream:trade_notification", "5"] + entries)
        #expect(steps[0].command.key == "moonx:stream:trade_notification")
        #expect(steps[2].command.arguments.first == "moonx:stream:system_alert")
    }

    @Test func ofWhatABatchKeepsTheNewestIsKeptAndAllIsSaidInOneCommandAChannel() throws {
        let publisher = RedisPublisher(client: try client("redis://127.0.0.1:1"))
        let prices = try [1, 2, 3].map { try price($0) }
        let steps = publisher.plan(prices, now: 5)
        let texts = prices.map { RedisArgument.buffer($0.wire(receivedAt: 5)) }
        #expect(steps.map(\.place) == [.last(room), .channel("moonx:events:price:BTC-USDC"), .channel("moonx:events:type:price_update")])
        #expect(
            steps[0].command == RedisCommand("SET", "moonx:last:price:BTC-USDC", texts[2], "EX", 604_800, key: "moonx:last:price:BTC-USDC")
        )
        for step in steps.dropFirst() {
            #expect(step.command.name == "EVAL")
            #expect(Array(step.command.arguments.dropFirst()) == [1, .string(step.command.key ?? ""), "PUBLISH"] + texts)
        }
    }

    @Test func aBookIsKeptFromItsLastWholeOneOnAndOfACandleTheNewest() throws {
        let publisher = RedisPublisher(client: try client("redis://127.0.0.1:1"))
        let (whole, change) = (try book(isDelta: false), try book(isDelta: true))
        let kept = publisher.plan([change, whole, change, whole, change, change], now: 5).first?.command
        #expect(
            kept?.arguments.dropFirst(4) == [
                604_800, "whole", .buffer(whole.wire(receivedAt: 5)), "change", .buffer(change.wire(receivedAt: 5)), "change",
                .buffer(change.wire(receivedAt: 5)),
            ]
        )
        let candles = try [("1m", 1), ("5m", 2), ("1m", 3)].map { interval, open in
            try Envelope(
                json: Array(
                    #"{"type":"chart_update","symbol":"BTC-USDC","timestamp":1,"data":{"interval":"\#(interval)","open":\#(open)}}"#.utf8
                )
            )
        }
        let steps = publisher.plan(candles, now: 5)
        #expect(steps.prefix(2).map(\.command.name) == ["SET", "EVAL"])
        #expect(
            steps[1].command.arguments.dropFirst(3) == [
                604_800, "BTC-USDC/1m", .buffer(candles[2].wire(receivedAt: 5)), "BTC-USDC/5m", .buffer(candles[1].wire(receivedAt: 5)),
            ]
        )
    }

    /// A cluster of one node, of which the slot of `key` has nobody for moments: parts of what is published are refused, and sent again.
    private func withASlotThatComesAndGoes(
        _ key: String,
        _ body: (RedisPublisher, _ admin: RedisClient, _ refusals: () async throws -> Int) async throws -> Void
    ) async throws {
        try await RedisServer.run(["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"]) { server in
            try await server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            while try await !server.cli("CLUSTER", "INFO").contains("cluster_state:ok") { try await Task.sleep(for: .milliseconds(10)) }
            let slot = try await server.cli("CLUSTER", "KEYSLOT", key)
            let (client, admin) = (try client(server.url), try client(server.url, isCluster: false))
            try await client.start()
            try await admin.start()
            let toggling = Task {
                while !Task.isCancelled {
                    for change in ["DELSLOTS", "ADDSLOTS"] {
                        _ = try await admin.send(RedisCommand("CLUSTER", "\(change)", .string(slot)))
                        try? await Task.sleep(for: .milliseconds(change == "ADDSLOTS" ? 3 : 1))
                    }
                }
            }
            try await body(RedisPublisher(client: client), admin) {
                let line = try await server.cli("INFO", "errorstats").split(whereSeparator: \.isNewline).first {
                    $0.contains("CLUSTERDOWN")
                }
                return line.flatMap { Int($0.split(separator: "=").last ?? "") } ?? 0
            }
            toggling.cancel()
            _ = try await toggling.value
            await client.shutdown()
            await admin.shutdown()
        }
    }

    private func number(_ event: ByteBuffer?) -> Int? {
        event.flatMap { try? Envelope(json: Array($0.readableBytesView)).data.integer("n") }.map { Int($0) }
    }

    /// What was behind refused parts of a batch must not get ahead of them.
    @Test(.enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
    func aBatchKeepsItsOrderWhileASlotComesAndGoes() async throws {
        let stream = "moonx:stream:trade_notification"
        try await withASlotThatComesAndGoes(stream) { publisher, admin, refusals in
            var count = 0
            while true {
                try await publisher.publish(try (count..<count + 200).map { try trade($0, padding: 1_000) })
                count += 200
                if count >= 2_000, try await refusals() >= 3 { break }
            }
            let entries = try await untilServed(RedisCommand("XRANGE", "\(stream)", "-", "+"), admin).array ?? []
            #expect(entries.map { number(RedisStreamEntry(stream: "", $0)?["event"]) } == Array(0..<count))
        }
    }

    @Test(.enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
    func theNewestValueOfABatchIsKeptWhileASlotComesAndGoes() async throws {
        try await withASlotThatComesAndGoes("moonx:last:price:BTC-USDC") { publisher, admin, refusals in
            var count = 0
            while true {
                try await publisher.publish(try (count..<count + 200).map { try price($0, padding: 1_000) })
                count += 200
                #expect(number(try await untilServed(RedisCommand("GET", "moonx:last:price:BTC-USDC"), admin).buffer) == count - 1)
                if count >= 2_000, try await refusals() >= 3 { break }
            }
        }
    }

    @Test(.enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)), arguments: [false, true])
    func whatABatchSaysOnOneChannelIsHeardInOrder(isCluster: Bool) async throws {
        try await RedisServer.run(isCluster ? ["--cluster-enabled", "yes"] : []) { server in
            if isCluster { try await server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383") }
            let client = try client(server.url)
            try await client.start()
            #expect(client.isCluster == isCluster)
            let (heard, hear) = AsyncStream.makeStream(of: ByteBuffer.self)
            try await client.subscriptions.subscribe("moonx:events:price:BTC-USDC", kind: isCluster ? .sharded : .channel) {
                hear.yield($0.payload)
            }
            try await RedisPublisher(client: client).publish(try (0..<50).map { try price($0) })
            var numbers: [Int?] = []
            for await event in heard.prefix(50) { numbers.append(number(event)) }
            #expect(numbers == Array(0..<50))
            await client.shutdown()
        }
    }

    private func untilServed(_ command: RedisCommand, _ client: RedisClient) async throws -> RESPValue {
        while true {
            do {
                return try await client.send(command)
            } catch {
                guard error.reply?.code == "CLUSTERDOWN" else { throw error }
            }
        }
    }
}
