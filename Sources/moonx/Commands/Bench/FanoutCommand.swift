import ArgumentParser
import NIOCore
import NIOPosix

/// `moonx bench fanout`: how many deliveries a second of the server's CPU time buys.
struct FanoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Publishes to rooms full of members and waits until everybody has everything."
    )

    @OptionGroup var options: BenchOptions

    @Option(help: "How many messages to publish.")
    var messages = 200

    @Option(help: "How many messages are published at once, as one array.")
    var inFlight = 1

    @Option(help: "Publish so many messages a second, whatever becomes of them, instead of waiting for everybody; gives latencies.")
    var rate: Double?

    @Option(help: "The room, if there is one.")
    var room = "price:BTC-USDC"

    @Option(help: "Over how many rooms the connections are spread; with more than one their names are made up.")
    var rooms = 1

    @Option(help: "The size of an event on the wire, WebSocket header included.")
    var payloadBytes = 180

    @Flag(
        help: "Ask for permessage-deflate. Compressed frames count unread; --payload-bytes under 1024 leave nothing to compress."
    )
    var deflate = false

    @Option(help: "The file that holds the gateway's service token.")
    var serviceTokenFile: String?

    @Option(help: "Publish through this Redis, to the channel of each room, in place of HTTP: redis://…")
    var redis: String?

    @Option(help: "Publish nothing, count for so many seconds what others publish.")
    var observe: Int?

    @Option(help: "Seconds within which everybody must have a message.")
    var timeout = 30

    func validate() throws {
        guard messages > 0, inFlight > 0, (1...PriceEnvelope.maximumRooms).contains(rooms) else {
            throw ValidationError("--messages and --in-flight must be positive, --rooms from 1 to \(PriceEnvelope.maximumRooms)")
        }
        guard rate.map(PublishSchedule.rates.contains) ?? true else { throw ValidationError("--rate must be from 0.001 to 1000000") }
        guard observe != nil || redis != nil || serviceTokenFile != nil else {
            throw ValidationError("give --service-token-file, --redis or --observe")
        }
    }

    func run() async throws {
        let names = PriceEnvelope.rooms(rooms, first: room)
        try await options.withSwarm(rooms: names, deflates: deflate) { swarm in
            try await swarm.open(options.connections, concurrency: options.concurrency)
            if let observe {
                try await watch(swarm, seconds: observe)
            } else {
                try await publish(swarm)
            }
        }
    }

    private func watch(_ swarm: Swarm, seconds: Int) async throws {
        let before = try await swarm.sum(\.deliveries)
        let watch = try Stopwatch(options.server)
        try await Task.sleep(for: .seconds(seconds))
        let deliveries = try await swarm.sum(\.deliveries) - before
        try await report(swarm, deliveries: deliveries, wall: watch.seconds(), server: watch.serverSeconds(), rounds: [])
    }

    private func publish(_ swarm: Swarm) async throws {
        // On a thread of its own: it must be on time however much the clients have to read.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { group.shutdownGracefully { _ in } }
        let publisher = try await connectPublisher(to: swarm, on: group)
        var rounds = FanoutRounds(
            swarm: swarm,
            publisher: publisher,
            connections: options.connections,
            timeout: .seconds(Int64(timeout))
        )
        try await rounds.warmUp(frameBytes: payloadBytes)
        let before = try await swarm.sum(\.deliveries)
        let watch = try Stopwatch(options.server)
        if let rate {
            try await rounds.run(messages: messages, rate: rate)
        } else {
            try await rounds.run(messages: messages, inFlight: inFlight)
        }
        let wall = watch.seconds()
        let server = try watch.serverSeconds()
        let deliveries = try await swarm.sum(\.deliveries) - before
        await publisher.close()
        try await report(swarm, deliveries: deliveries, wall: wall, server: server, rounds: rounds.seconds)
    }

    private func connectPublisher(to swarm: Swarm, on group: any EventLoopGroup) async throws -> BenchPublisher {
        if let redis { return try await .redis(url: redis, on: group) }
        let token = try SmallFile.read(serviceTokenFile ?? "")
        return .http(try await EventPublisher.connect(to: swarm.url, token: token, on: group.any()))
    }

    private func report(_ swarm: Swarm, deliveries: Int, wall: Double, server: Double?, rounds: [Double]) async throws {
        var report = BenchReport("fanout")
        report.add("connections", "connections", options.connections)
        report.add("rooms", "rooms", rooms)
        report.add("inFlight", "messages in flight", inFlight)
        report.add("deliveries", "deliveries", deliveries)
        let (all, bytes) = (try await swarm.sum(\.deliveries), try await swarm.sum(\.deliveredBytes))
        report.add("frameBytes", "bytes per frame, mean", all > 0 ? Double(bytes) / Double(all) : 0, decimals: 1)
        report.add("seconds", "seconds", wall, decimals: 3)
        report.add("perSecond", "deliveries per second", Double(deliveries) / wall)
        if let server {
            report.add("serverSeconds", "server CPU seconds", server, decimals: 2)
            report.add("perServerSecond", "deliveries per server CPU-second", server > 0 ? Double(deliveries) / server : .infinity)
        }
        let sorted = rounds.sorted()
        if !sorted.isEmpty {
            report.add("roundMedian", "ms until all have it, median", sorted[sorted.count / 2] * 1_000, decimals: 2)
            report.add("round99", "ms until all have it, 99 %", sorted[min(sorted.count - 1, sorted.count * 99 / 100)] * 1_000, decimals: 2)
        }
        report.add(latencies: try await swarm.onEachLoop { $0.latencies })
        let ended = try await swarm.sum(\.ended)
        if ended > 0 { report.add("ended", "connections lost", ended) }
        report.print(json: options.json)
    }
}
