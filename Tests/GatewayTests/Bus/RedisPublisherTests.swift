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

    /// How many commands nobody has served.
    private func refusals(_ server: RedisServer) async throws -> Int {
        let line = try await server.cli("INFO", "errorstats").split(whereSeparator: \.isNewline).first { $0.contains("CLUSTERDOWN") }
        return line.flatMap { Int($0.split(separator: "=").last ?? "") } ?? 0
    }

    @Test func whatABatchBringsToOneStreamIsOneCommand() throws {
        let publisher = RedisPublisher(client: try client("redis://127.0.0.1:1"))
        let alert = try Envelope(json: Array(#"{"type":"system_alert","timestamp":1,"data":{}}"#.utf8))
        let price = try Envelope(json: Array(#"{"type":"price_update","symbol":"BTC-USDC","timestamp":1,"data":{}}"#.utf8))
        let steps = publisher.plan([try trade(1), price, alert, try trade(2), try trade(3)], now: 3_600_005)
        #expect(steps.map(\.command.name) == ["EVAL", "XADD", "SET", "PUBLISH", "PUBLISH"])
        let entries = try [1, 2, 3].map { RedisArgument.buffer(try trade($0).wire(receivedAt: 0)) }
        #expect(Array(steps[0].command.arguments.dropFirst()) == [.integer(1), "moonx:stream:trade_notification", "5"] + entries)
        #expect(steps[0].command.key == "moonx:stream:trade_notification")
        #expect(steps[1].command.arguments.first == "moonx:stream:system_alert")
    }

    /// A slot that nobody serves for moments: parts of a batch are refused, and sent again. What was behind them must not get ahead of them.
    @Test(.enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
    func aBatchKeepsItsOrderWhileASlotComesAndGoes() async throws {
        try await RedisServer.run(["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"]) { server in
            try await server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            while try await !server.cli("CLUSTER", "INFO").contains("cluster_state:ok") { try await Task.sleep(for: .milliseconds(10)) }
            let slot = try await server.cli("CLUSTER", "KEYSLOT", "moonx:stream:trade_notification")
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
            let publisher = RedisPublisher(client: client)
            var count = 0
            while true {
                try await publisher.publish(try (count..<count + 200).map { try trade($0, padding: 1_000) })
                count += 200
                if count >= 2_000, try await refusals(server) >= 3 { break }
            }
            toggling.cancel()
            _ = try await toggling.value
            let entries = try await admin.send(RedisCommand("XRANGE", "moonx:stream:trade_notification", "-", "+")).array ?? []
            let numbers = entries.compactMap { RedisStreamEntry(stream: "", $0)?["event"] }.compactMap { event in
                (try? Envelope(json: Array(event.readableBytesView)))?.data.integer("n")
            }
            #expect(numbers.map { Int($0) } == Array(0..<count))
            await client.shutdown()
            await admin.shutdown()
        }
    }
}
