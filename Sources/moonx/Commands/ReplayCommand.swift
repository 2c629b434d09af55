import ArgumentParser
import Foundation
import GatewayDomain
import MarketFeed
import Synchronization

/// `moonx replay`: plays recordings into a running gateway.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play recorded trades or order books into a running gateway, or to all gateways on a Redis.",
        discussion: """
            Reads the column layout of Binance's public trade files, and Bybit's orderbook.500 lines; which it is, the file's content tells.
            The gateway is that of `moonx up` in the same folder, unless --url and --data-dir or --service-token-file say otherwise.

            Examples:
              moonx replay trades-BTC-USDT.csv --speed 10
              moonx replay orderbook-XRP-USDT.jsonl --book-changes
              moonx replay trades.csv --symbol BTC-USDT --speed 0 --json

            Status 0: all is published. 1: the gateway refuses or cannot be reached, or a line is malformed. 64: wrong usage.
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var target: PublishTarget

    @Argument(help: ArgumentHelp("The recordings; several are played side by side.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(help: "The trading pair, such as BTC-USDT, where the file does not say.")
    var symbol: String?

    @Option(help: "How many times as fast as recorded; 0 is as fast as possible. Default: 1")
    var speed: Double = 1

    @Option(help: "How many levels of each side of an order book to publish. Default: 25")
    var depth: Int?

    @Flag(help: "Publish order books as they were recorded: whole once, then the changes; the gateway keeps the book. Default: off")
    var bookChanges = false

    @Flag(help: "Print a JSON object at the end: {\"published\", \"seconds\", \"recordedSeconds\"}. Default: off")
    var json = false

    func validate() throws {
        guard PlaybackSpeed(speed) != nil else { throw ValidationError("--speed must be 0 or a positive number") }
        if let depth {
            guard (1...1000).contains(depth) else { throw ValidationError("--depth must be from 1 to 1000, not \(depth)") }
            guard !bookChanges else {
                throw ValidationError("--depth and --book-changes exclude each other: changes are published as recorded")
            }
        }
    }

    func run() async throws {
        let instrument = try symbol.map { text in
            guard let instrument = Instrument.normalised(text) else {
                throw ValidationError("--symbol must look like BTC-USDC, not \(text)")
            }
            return instrument
        }
        let book = bookChanges ? OrderBookRecording.Form.asRecorded : .best(depth ?? OrderBookRecording.defaultDepth)
        let recordings = try files.map { path in
            do { return try Recording.open(path: path, symbol: instrument, book: book) } catch { throw ValidationError("\(error)") }
        }
        let (line, played) = (ProgressLine(), Played())
        let player = FeedPlayer(feeds: recordings, speed: PlaybackSpeed(speed) ?? .recorded, clock: ContinuousClock()) { progress in
            played.set(progress.published, progress.position)
            line.show("\(progress.published) events published, \(Self.seconds(progress.position)) s of the recording")
        }
        let start = ContinuousClock.now
        defer { line.clear() }
        try await target.withPublisher { publisher in
            try await player.run { try await publisher.publish([$0.envelope]) }
        }
        line.clear()
        report(played, took: ContinuousClock.now - start)
    }

    private func report(_ played: Played, took: Duration) {
        let (events, recorded) = played.both
        if json {
            print("{\"published\":\(events),\"seconds\":\(Self.seconds(took)),\"recordedSeconds\":\(Self.seconds(recorded))}")
        } else {
            StandardError.write("\(events) events published in \(Self.seconds(took)) s, recorded in \(Self.seconds(recorded)) s\n")
        }
    }

    /// With one decimal.
    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.components.seconds * 10 + duration.components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// How far the playing has come.
private final class Played: Sendable {
    private let state = Mutex((events: 0, position: Duration.zero))

    var both: (events: Int, position: Duration) { state.withLock { $0 } }

    func set(_ events: Int, _ position: Duration) { state.withLock { $0 = (events, position) } }
}
