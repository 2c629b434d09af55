import ArgumentParser

/// `moonx bench connect`: how fast connections are opened.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Opens connections as fast as possible: TCP, WebSocket, and the CONNECT of the namespace with its token."
    )

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.withSwarm(rooms: []) { swarm in
            let watch = try Stopwatch(options.server)
            try await swarm.open(options.connections, concurrency: options.concurrency)
            let wall = watch.seconds()
            let server = try watch.serverSeconds()
            var report = BenchReport("connect")
            report.add("connections", "connections", options.connections)
            report.add("seconds", "seconds", wall, decimals: 3)
            report.add("perSecond", "connections per second", Double(options.connections) / wall)
            if let server {
                report.add("serverSeconds", "server CPU seconds", server, decimals: 2)
                let rate = server > 0 ? Double(options.connections) / server : .infinity
                report.add("perServerSecond", "connections per server CPU-second", rate)
            }
            report.print(json: options.json)
        }
    }
}
