import Histogram
import NIOCore

/// The load of `moonx bench slow`, phase by phase: prices to all rooms and own trades, as many in each phase.
struct SlowLoad {
    /// What one phase has shown.
    struct Phase: Sendable {
        /// Of the connections that read all the time.
        let latencies: [Histogram<UInt64>]
        /// The server's resident memory, the most of the phase, and its CPU time; `nil` where its process is not known.
        let residentBytes: Int?
        let serverSeconds: Double?
    }

    let swarm: Swarm
    private var rounds: FanoutRounds
    private let trades: OwnTrades
    private let seconds: Int
    private let rate: Double
    private let server: ServerProcess?
    /// Trades published to each user.
    private(set) var tradeCount = 0

    init(swarm: Swarm, rounds: FanoutRounds, trades: OwnTrades, seconds: Int, rate: Double, server: ServerProcess?) {
        self.swarm = swarm
        self.rounds = rounds
        self.trades = trades
        self.seconds = seconds
        self.rate = rate
        self.server = server
    }

    /// The price published last in each room.
    var newest: [(room: String, price: String)] {
        zip(swarm.rooms, rounds.newest).map { ($0, $1 ?? "") }
    }

    mutating func warmUp(frameBytes: Int) async throws {
        try await rounds.warmUp(frameBytes: frameBytes)
        // What is kept for clients that come back grows with the first events only: it is not to count.
        _ = try await phase()
    }

    /// Publishes for `seconds` seconds, while `body` does what sets the phase apart.
    mutating func phase(_ body: @escaping @Sendable () async throws -> Void = {}) async throws -> Phase {
        let roomCount = swarm.rooms.count
        let messages = max(1, Int(rate * Double(seconds)) / roomCount) * roomCount
        let (first, last) = (tradeCount, tradeCount + max(1, Int(trades.rate * Double(seconds))))
        tradeCount = last
        let watch = try Stopwatch(server)
        async let others: Void = body()
        async let trading: Void = trades.publish(from: first, to: last)
        async let resident = server?.mostResidentBytes(for: .seconds(seconds))
        try await rounds.run(messages: messages, rate: rate)
        try await others
        try await trading
        let phase = Phase(
            latencies: try await swarm.onEachLoop { $0.latencies },
            residentBytes: try await resident,
            serverSeconds: try watch.serverSeconds()
        )
        _ = try await swarm.onEachLoop { $0.forgetLatencies() }
        return phase
    }
}
