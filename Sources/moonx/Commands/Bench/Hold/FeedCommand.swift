import ArgumentParser
import NIOCore
import NIOPosix

/// `moonx bench feed`: publishes through Redis, as a back-end would, what `moonx bench hold` counts.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Publishes numbered prices and alerts through Redis, for moonx bench hold.",
        discussion: """
            Prices go to the channels of their rooms, alerts to everyone. Each says when it was due, by a clock that processes of one machine share.

            Status 0: all is published. 1: Redis refuses or cannot be reached.
            """
    )

    @Option(help: "The Redis of the gateways: redis://…")
    var redis: String

    @Option(help: "Among how many price rooms the prices are divided.")
    var rooms = 1_000

    @Option(help: "Prices a second, over all rooms.")
    var rate = 50.0

    @Option(help: "Seconds from one alert to everyone to the next.")
    var alertEvery = 5.0

    @Option(help: "For how many seconds.")
    var seconds = 60.0

    @Flag(help: "Print one JSON object in place of a table.")
    var json = false

    func validate() throws {
        guard (1...PriceEnvelope.maximumRooms).contains(rooms), PublishSchedule.rates.contains(rate) else {
            throw ValidationError("--rooms must be from 1 to \(PriceEnvelope.maximumRooms), --rate from 0.001 to 1000000")
        }
        guard (0.001...1_000_000).contains(alertEvery), (0.001...1_000_000).contains(seconds) else {
            throw ValidationError("--alert-every and --seconds must be from 0.001 to 1000000")
        }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { group.shutdownGracefully { _ in } }
        let publisher = try await BenchPublisher.redis(url: redis, on: group)
        var plan = FeedPlan(rooms: rooms, rate: rate, alertEvery: alertEvery, seconds: seconds)
        let count = plan.priceCount
        var feed = FeedEnvelopes(rooms: PriceEnvelope.rooms(rooms, first: "price:BTC-USDC"), prices: count)
        let line = ProgressLine()
        defer { line.clear() }
        let start = NIODeadline.now() + .milliseconds(100)
        var (alerts, latest) = (0, Int64(0))
        var next = plan.next()
        while let first = next {
            let wait = start + .nanoseconds(first.due) - .now()
            if wait.nanoseconds > 0 { try await Task.sleep(for: .nanoseconds(wait.nanoseconds), tolerance: .zero) }
            let now = NIODeadline.now()
            var messages: [BenchPublisher.Message] = []
            while let item = next, messages.isEmpty || start + .nanoseconds(item.due) <= now, messages.count < 1_000 {
                if case .price = item.content {} else { alerts += 1 }
                messages.append(try feed.message(item, start: start))
                next = plan.next()
            }
            try await publisher.publish(messages)
            latest = max(latest, (NIODeadline.now() - (start + .nanoseconds(first.due))).nanoseconds)
            line.show("\(first.due / 1_000_000_000) of \(Int(seconds)) seconds published")
        }
        await publisher.close()
        var report = BenchReport("feed")
        report.add("prices", "prices published", count)
        report.add("alerts", "alerts published", alerts)
        report.add("seconds", "seconds", seconds, decimals: 1)
        report.add("latest", "most µs from when one was due until Redis had it", Int(latest / 1_000))
        report.print(json: json)
    }
}
