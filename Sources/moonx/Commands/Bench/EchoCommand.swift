import ArgumentParser
import Histogram

/// `moonx bench echo`: round trips of the event `ping`.
struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Sends the event `ping` over each connection, and the next when `pong` has come."
    )

    @OptionGroup var options: BenchOptions

    @Option(help: "For how many seconds.")
    var seconds = 5

    func validate() throws {
        guard seconds > 0 else { throw ValidationError("--seconds must be positive") }
    }

    func run() async throws {
        try await options.withSwarm(rooms: []) { swarm in
            try await swarm.open(options.connections, concurrency: options.concurrency)
            _ = try await swarm.onEachLoop { $0.isEchoing = true }
            swarm.fire(SwarmConnection.StartEcho())
            // The server gets warm first.
            try await Task.sleep(for: .milliseconds(500))
            _ = try await swarm.onEachLoop { $0.forgetLatencies() }
            let watch = try Stopwatch(options.server)
            try await Task.sleep(for: .seconds(seconds))
            let latencies = try await swarm.onEachLoop { $0.latencies }
            let (wall, server) = (watch.seconds(), try watch.serverSeconds())
            _ = try await swarm.onEachLoop { $0.isEchoing = false }
            let trips = latencies.reduce(0) { $0 + Double($1.totalCount) }
            var report = BenchReport("echo")
            report.add("connections", "connections", options.connections)
            report.add("roundTrips", "round trips", trips)
            report.add("perSecond", "round trips per second", trips / wall)
            if let server {
                report.add("serverSeconds", "server CPU seconds", server, decimals: 2)
                report.add("perServerSecond", "round trips per server CPU-second", server > 0 ? trips / server : .infinity)
            }
            report.add(latencies: latencies)
            report.print(json: options.json)
        }
    }
}
