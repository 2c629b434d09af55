import ArgumentParser
import Histogram
import NIOCore
import NIOPosix
import SocketIOClient

/// `moonx bench slow`: what clients that stop reading cost the others and the server, and whether they miss anything.
struct SlowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow",
        abstract: "Lets some clients stop reading for a while, and proves that they end with everything.",
        discussion: """
            Phases under the same load, one after the other: all read; some do not read their sockets for a while and then do again. The latencies \
            of the others and the server's memory are compared. Each slow client proves by seqFirst and seq that its prices have no gap, and ends \
            with the newest of each room and all trades of its own, in order; where the server has closed it meanwhile, it comes back by \
            connection state recovery.

            To keep the slow ones connected give the gateway --queue-age 2m --ping-timeout 2m; by default it closes them after 10 seconds.

            Status 0: everything holds. 1: something is missing, or the others or the memory suffer more than allowed.
            """
    )

    @OptionGroup var options: BenchOptions

    @Option(help: "How many of the connections stop reading, each a user of its own if there are as many tokens.")
    var slow = 100

    @Option(help: "Over how many price rooms the others are spread.")
    var rooms = 50

    @Option(help: "In how many of these each slow client is.")
    var slowRooms = 2

    @Option(help: "Price messages a second, over all rooms.")
    var rate = 2_000.0

    @Option(help: "Own trades a second of each slow client's user.")
    var tradeRate = 1.0

    @Option(help: "For how many seconds the slow ones do not read.")
    var pause = 30

    @Option(help: "For how many seconds the load goes on after that.")
    var after = 10

    @Option(help: "How often both phases are run.")
    var rounds = 1

    @Option(help: "The size of a price on the wire, WebSocket header included.")
    var payloadBytes = 180

    @Option(help: "The receive buffer of a slow client, in bytes.")
    var receiveBuffer = 4_096

    @Option(help: "What --queue-bytes of the gateway is: memory may grow by so much for each slow client.")
    var queueBytes = 1 << 20

    @Option(help: "The 99 % latency of the others may grow by this factor; 0 to let it be.")
    var latencyRatio = 2.0

    @Option(help: "The file that holds the gateway's service token.")
    var serviceTokenFile: String

    @Option(help: "Seconds within which all must have come.")
    var timeout = 60

    func validate() throws {
        guard slow > 0, slow < options.connections else { throw ValidationError("--slow must be positive and less than --connections") }
        guard slowRooms > 0, slowRooms <= rooms, rooms <= min(options.connections - slow, PriceEnvelope.maximumRooms) else {
            throw ValidationError(
                "--slow-rooms must be from 1 to --rooms, and --rooms not more than there are other connections, and at most \(PriceEnvelope.maximumRooms)"
            )
        }
        guard PublishSchedule.rates.contains(rate), tradeRate > 0, pause > 0, after > 0, rounds > 0, receiveBuffer > 0, timeout > 0 else {
            throw ValidationError("rates, times, rounds and sizes must be positive")
        }
    }

    func run() async throws {
        let names = PriceEnvelope.rooms(rooms, first: "price:BTC-USDC")
        let tokens = try options.tokens()
        try await options.withSwarm(rooms: names) { swarm in
            // Loops of their own: what the slow ones have to read must not hold up the clock of the others, nor both the publishers.
            let groups = (0..<2).map { _ in MultiThreadedEventLoopGroup(numberOfThreads: 1) }
            defer { for group in groups { group.shutdownGracefully { _ in } } }
            let path = swarm.url.target == "/" ? "/socket.io/" : swarm.url.target
            let plans = (0..<slow).map { number in
                SlowClient.Plan(
                    url: "ws://\(swarm.url.authority)\(path)?EIO=4&transport=websocket",
                    token: tokens.isEmpty ? nil : tokens[number % tokens.count],
                    rooms: Array(names[..<slowRooms]),
                    receiveBufferBytes: receiveBuffer,
                    group: groups[0]
                )
            }
            try await swarm.open(options.connections - slow, concurrency: options.concurrency)
            let crowd = SlowCrowd(plans: plans, timeout: .seconds(timeout))
            try await crowd.run { try await measure(swarm, crowd, on: groups[1].next()) }
        }
    }

    private func measure(_ swarm: Swarm, _ crowd: SlowCrowd, on eventLoop: any EventLoop) async throws {
        let token = try SmallFile.read(serviceTokenFile)
        let prices = try await EventPublisher.connect(to: swarm.url, token: token, on: eventLoop)
        let trades = OwnTrades(
            publisher: try await EventPublisher.connect(to: swarm.url, token: token, on: eventLoop),
            users: await crowd.users(),
            rate: tradeRate
        )
        var load = SlowLoad(
            swarm: swarm,
            rounds: FanoutRounds(
                swarm: swarm,
                publisher: .http(prices),
                connections: options.connections - slow,
                timeout: .seconds(Int64(timeout))
            ),
            trades: trades,
            seconds: pause + after,
            rate: rate,
            server: options.server
        )
        try await load.warmUp(frameBytes: payloadBytes)
        var verdict = SlowVerdict(slow: slow, memoryBound: slow * queueBytes, latencyRatio: latencyRatio)
        for _ in 0..<rounds {
            verdict.add(try await load.phase(), isSlow: false)
            let phase = try await load.phase { [pause] in try await crowd.pause(for: .seconds(pause)) }
            verdict.add(phase, isSlow: true)
            let newest = Dictionary(
                uniqueKeysWithValues: try load.newest.prefix(slowRooms).map { (try PriceEnvelope.symbol(ofRoom: $0), $1) }
            )
            verdict.add(catchUp: try await crowd.catchUp(newest, trades: load.tradeCount))
            await verdict.judge(crowd, newest: newest, trades: load.tradeCount)
        }
        var report = BenchReport("slow")
        report.add("connections", "connections", options.connections)
        report.add("slow", "of which stop reading", slow)
        report.add("rooms", "rooms", rooms)
        report.add("rate", "prices a second", rate)
        verdict.write(to: &report)
        await report.add("ended", "connections of others lost", try swarm.sum(\.ended))
        report.print(json: options.json)
        try verdict.check()
    }
}
