import ArgumentParser
import Foundation
import GatewayDomain
import MarketFeed

/// `moonx replay`: plays recordings into a running gateway.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play recorded trades or order books into a running gateway, or to all gateways on a Redis.",
        discussion: """
            Reads the column layout of Binance's public trade files, and Bybit's orderbook.500 lines.
            Example: moonx replay trades-BTC-USDT.csv --speed 10
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var target: PublishTarget

    @Argument(help: "The recordings.")
    var files: [String]

    @Option(help: "The trading pair, where the file does not say.")
    var symbol: String?

    @Option(help: "How much faster than recorded; 0 is as fast as possible.")
    var speed: Double = 1

    func run() async throws {
        let instrument = try symbol.map { text in
            guard let instrument = Instrument.normalised(text) else { throw ValidationError("--symbol must look like BTC-USDC") }
            return instrument
        }
        guard let speed = PlaybackSpeed(speed) else { throw ValidationError("--speed must be 0 or a positive number") }
        let recordings = try files.map { path in
            do { return try Recording.open(path: path, symbol: instrument) } catch { throw ValidationError("\(error)") }
        }
        let player = FeedPlayer(feeds: recordings, speed: speed, clock: ContinuousClock()) { progress in
            guard progress.published % 500 == 0 else { return }
            FileHandle.standardError.write(Data("\r\(progress.published) events published".utf8))
        }
        try await target.withPublisher { publisher in
            try await player.run { try await publisher.publish([$0.envelope]) }
        }
        FileHandle.standardError.write(Data("\rdone\n".utf8))
    }
}
