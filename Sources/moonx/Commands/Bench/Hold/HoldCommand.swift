import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import SocketIOClient

/// `moonx bench hold`: holds many connections while `moonx bench feed` publishes, and proves that none misses anything.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Holds connections over several gateways, each in a room, and proves that each gets everything.",
        discussion: """
            Connection k of all processes (--first says which is this one's first) joins room k modulo --rooms, with token k modulo the tokens. \
            When all are in, --ready-file is made; when all processes have theirs, start moonx bench feed. Its last alert says how much it has \
            published: each connection must then have had every price of its room and every alert, once, in order, by its number and by seq, \
            and still be connected.

            scripts/bench-hold.sh starts everything.

            Status 0: nothing is missing. 1: something is.
            """
    )

    @Option(help: "A gateway; may be repeated, connections are spread over all.")
    var url: [String] = ["http://127.0.0.1:3011"]

    @Option(help: "A file with access tokens, one a line; without it connections come as guests.")
    var tokenFile: String?

    @Option(help: "How many connections.")
    var connections = 1_000

    @Option(help: "The number of the first of them among those of all processes.")
    var first = 0

    @Option(help: "Over how many price rooms the connections of all processes are spread: as many as the feed has.")
    var rooms = 1_000

    @Option(help: "The address that they come from: 127.0.0.2. A pair of addresses has some 28,000 ports. Default: the kernel's choice")
    var source: String?

    @Option(help: "How many connections are being opened at a time.")
    var concurrency = 32

    @Option(help: "Threads of the load tool.")
    var threads = 1

    @Option(help: "The file that is made when all connections are in.")
    var readyFile: String?

    @Option(help: "At most so many seconds from then on.")
    var seconds = 900

    @Option(help: "So many seconds after the last alert everything must be there.")
    var grace = 30

    @Flag(help: "Print one JSON object in place of a table.")
    var json = false

    func validate() throws {
        for text in url { _ = try Setting.server(text, "url", default: "http://127.0.0.1:3011") }
        let (most, mostRooms) = (BenchOptions.maximumConnections, PriceEnvelope.maximumRooms)
        guard (1...most).contains(connections), (0...most).contains(first), (1...mostRooms).contains(rooms) else {
            throw ValidationError("--connections must be from 1 to \(most), --first from 0, --rooms from 1 to \(mostRooms)")
        }
        guard !url.isEmpty, concurrency > 0, threads > 0, seconds > 0, grace > 0 else {
            throw ValidationError("--concurrency, --threads, --seconds and --grace must be positive")
        }
        _ = try sourceAddress()
    }

    func run() async throws {
        try ConnectionBudget.raise(toHold: connections + 100)
        let tokens = try tokenFile.map { try BenchOptions.tokens(in: $0) } ?? []
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let crowd = HoldCrowd(
            urls: try url.map { try ServerURL($0) },
            tokens: tokens,
            rooms: PriceEnvelope.rooms(rooms, first: "price:BTC-USDC"),
            share: HoldCrowd.Share(first: first, source: try sourceAddress()),
            group: group
        )
        // Connections are closed by the end of the process: one after the other would take longer, and the proof is over.
        let opening = try Stopwatch(nil)
        try await crowd.open(connections, concurrency: concurrency)
        let opened = opening.seconds()
        if let readyFile, !FileManager.default.createFile(atPath: readyFile, contents: nil) {
            throw ValidationError("cannot make the file \(readyFile)")
        }
        let holding = try Stopwatch(nil)
        try await hold(crowd)
        try await report(crowd, opened: opened, held: holding.seconds())
    }

    /// Returns when every connection has had everything, or the time is over.
    private func hold(_ crowd: HoldCrowd) async throws {
        let line = ProgressLine()
        defer { line.clear() }
        var deadline = ContinuousClock.now + .seconds(seconds)
        var isEnding = false
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            let loops = try await crowd.onEachLoop { ($0.ledger.isComplete, $0.ledger.total != nil) }
            if loops.allSatisfy(\.0) {
                // What comes twice may come a little later.
                try await Task.sleep(for: .seconds(1))
                return
            }
            if !isEnding, loops.contains(where: \.1) {
                isEnding = true
                deadline = min(deadline, ContinuousClock.now + .seconds(grace))
            }
            line.show("\(connections) connections held, \((deadline - .now).components.seconds) s to go at most")
        }
    }

    private func report(_ crowd: HoldCrowd, opened: Double, held: Double) async throws {
        let summary = try await crowd.summary()
        let total = try await crowd.onEachLoop { $0.ledger.total }.compactMap { $0 }.first
        var report = BenchReport("hold")
        report.add("connections", "connections", connections)
        report.add("gateways", "gateways", url.count)
        report.add("rooms", "rooms", rooms)
        report.add("openSeconds", "seconds to open them", opened, decimals: 1)
        report.add("heldSeconds", "seconds held", held, decimals: 1)
        report.add("pricesPublished", "prices published, all rooms", total?.prices ?? 0)
        report.add("alertsPublished", "alerts published", total?.alerts ?? 0)
        report.add("prices", "prices received", summary.prices)
        report.add("pricesFewest", "… by the connection with fewest", summary.fewest.prices)
        report.add("pricesMost", "… by the connection with most", summary.most.prices)
        report.add("alerts", "alerts received", summary.alerts)
        report.add("alertsFewest", "… by the connection with fewest", summary.fewest.alerts)
        report.add("alertsMost", "… by the connection with most", summary.most.alerts)
        report.add("lost", "lost", summary.lost)
        report.add("repeated", "repeated or out of order", summary.repeated)
        report.add("outOfSequence", "breaks of seq", summary.outOfSequence)
        report.add("conflated", "prices that stood for several", summary.conflated)
        report.add("snapshots", "snapshots", summary.snapshots)
        report.add("ended", "connections ended", summary.ended)
        report.add("unfinished", "connections without everything", summary.unfinished)
        report.add("pings", "pings answered", try await crowd.onEachLoop { $0.pings }.reduce(0, +))
        report.add(latencies: try await crowd.onEachLoop { $0.prices }, prefix: "price", label: "prices: ")
        report.add(latencies: try await crowd.onEachLoop { $0.alerts }, prefix: "alert", label: "alerts: ")
        report.print(json: json)
        guard total != nil else { throw BenchFailure("the feed's last alert has reached none of the connections within \(seconds) s") }
        guard summary.faults == 0 else {
            let reasons = try await crowd.onEachLoop { $0.reasons }.joined().map { "; a connection ended: \($0)" }
            throw BenchFailure(
                "\(summary.lost) events are lost, \(summary.repeated) repeated, \(summary.unfinished) connections without everything\(reasons.joined())"
            )
        }
    }

    private func sourceAddress() throws -> SocketAddress? {
        guard let source else { return nil }
        guard let address = try? SocketAddress(ipAddress: source, port: 0) else {
            throw ValidationError("--source must be an address of this machine, such as 127.0.0.2")
        }
        return address
    }
}
