import ArgumentParser

/// `moonx bench idle`: what an idle connection costs in the server's memory.
struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Opens connections, waits until nothing comes any more, and compares the server's resident memory.",
        discussion: "Take a gateway that has just been started: memory that earlier connections have left behind is used again."
    )

    @OptionGroup var options: BenchOptions

    @Option(help: "Connections opened and closed beforehand, so that what the server allocates once does not count.")
    var warmUp = 100

    @Option(help: "The room that each connection joins; empty for none.")
    var room = "price:BTC-USDC"

    @Option(help: "For how many seconds nothing must come.")
    var quiet = 2

    func validate() throws {
        guard options.serverPid != nil else { throw ValidationError("--server-pid is needed: memory is read from /proc") }
        guard quiet > 0, warmUp >= 0 else { throw ValidationError("--quiet must be positive, --warm-up not negative") }
    }

    func run() async throws {
        guard let server = options.server else { return }
        let rooms = room.isEmpty ? [] : [room]
        if warmUp > 0 {
            try await options.withSwarm(rooms: rooms) { swarm in
                try await swarm.open(warmUp, concurrency: options.concurrency)
            }
        }
        try await options.withSwarm(rooms: rooms) { swarm in
            let before = try server.residentBytes()
            try await swarm.open(options.connections, concurrency: options.concurrency)
            try await waitUntilQuiet(swarm)
            let after = try server.residentBytes()
            var report = BenchReport("idle")
            report.add("connections", "connections", options.connections)
            report.add("residentBefore", "resident bytes before", before)
            report.add("residentAfter", "resident bytes after", after)
            let each = Double(after - before) / Double(options.connections)
            report.add("bytesPerConnection", "bytes per connection", each)
            report.print(json: options.json)
        }
    }

    private func waitUntilQuiet(_ swarm: Swarm) async throws {
        var last = -1
        while true {
            let frames = try await swarm.sum(\.frames)
            if frames == last { return }
            last = frames
            try await Task.sleep(for: .seconds(quiet))
        }
    }
}
