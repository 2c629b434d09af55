import EngineIO
import EngineIOCore
import Logging
import NIOCore
import NIOPosix

/// What `permessage-deflate` costs a room: CPU time of the server's event loop for one message to all members, compressed once for all of
/// them, compressed for each of them, and not at all.
///
///     DeflateBenchmark [members] [rounds]
@main
enum DeflateBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let members = arguments.first ?? 1000
        let rounds = arguments.dropFirst().first ?? 20
        let serverLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clientLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = EngineConfiguration()
        configuration.perMessageDeflate = PerMessageDeflate()
        configuration.maxQueuedBytes = 64 << 20
        let room = Room()
        let server = EngineServer(group: serverLoop, configuration: configuration, application: room, logger: Logger(label: "benchmark"))
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        guard let address = listener.address else { return print("no address") }
        for _ in 0..<members { try await Member.connect(to: address, on: clientLoop) }
        try await room.isFull(members)

        print("| message | in flight | plain, µs | compressed once, µs | compressed for each, µs | each : once |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for (levels, inFlight) in [(25, 1), (50, 1), (200, 1), (25, 16), (50, 16)] {
            let text = orderBook(levels: levels)
            let plain = try await room.median(rounds, inFlight) {
                OutboundFrame(capacity: text.utf8.count, isCompressible: false) { $0.writeString(text) }
            }
            let once = try await room.median(rounds, inFlight) { OutboundFrame(text: text) }
            let each = try await room.median(rounds, inFlight, eachAnew: true) { OutboundFrame(text: text) }
            let figures = [plain, once, each].map { "\($0 / 1000)" }.joined(separator: " | ")
            let ratio = each * 10 / max(once, 1)
            print("| \(text.utf8.count) B | \(inFlight) | \(figures) | \(ratio / 10).\(ratio % 10) |")
        }
        let statistics = await server.statistics()
        print("members: \(members), rounds: \(rounds), short writes: \(statistics.shortWrites), compressions: \(statistics.compressions)")
    }

    /// An order book as a gateway sends it: digits that differ, names that repeat.
    private static func orderBook(levels: Int) -> String {
        func side(_ first: Int) -> String {
            (0..<levels).map { "[\"\(first + $0 * 7).\($0 * 37 % 100)\",\"\($0 * 7919 % 13).\(10_000 + $0 * 104_729 % 89_999)\"]" }
                .joined(separator: ",")
        }
        return "42[\"order_book_update\",{\"symbol\":\"BTC-USDC\",\"bids\":[\(side(96_000))],\"asks\":[\(side(97_000))],\"seq\":12345}]"
    }
}
