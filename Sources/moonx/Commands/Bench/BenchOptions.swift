import ArgumentParser
import NIOCore
import NIOPosix
import SocketIOClient

/// What all measurements take.
struct BenchOptions: ParsableArguments {
    @Option(help: "The gateway.")
    var url = "http://127.0.0.1:3011"

    @Option(help: "An access token, the same for all connections; without it they come as guests.")
    var token: String?

    @Option(help: "A file that holds the access token, or several, one a line: each connection takes the next.")
    var tokenFile: String?

    @Option(help: "How many connections.")
    var connections = 1_000

    @Option(help: "How many connections are being opened at a time.")
    var concurrency = 64

    @Option(help: "Threads of the load tool.")
    var threads = 1

    @Option(help: "The process id of the gateway, on this machine.")
    var serverPid: Int32?

    @Flag(help: "Print one JSON object in place of a table.")
    var json = false

    /// More than any machine has ports or descriptors for.
    static let maximumConnections = 10_000_000

    func validate() throws {
        _ = try Setting.server(url, "url", default: "http://127.0.0.1:3011")
        guard (1...Self.maximumConnections).contains(connections), concurrency > 0, threads > 0 else {
            throw ValidationError("--connections must be from 1 to \(Self.maximumConnections), --concurrency and --threads positive")
        }
    }

    /// The server's process; `nil` where it was not given.
    var server: ServerProcess? { serverPid.map(ServerProcess.init(id:)) }

    /// The access tokens, for connection after connection; empty for guests.
    func tokens() throws -> [String] {
        try tokenFile.map { try Self.tokens(in: $0) } ?? token.map { [$0] } ?? []
    }

    /// The access tokens in a file, one a line.
    static func tokens(in file: String) throws -> [String] { try SmallFile.read(file).split(separator: "\n").map(String.init) }

    /// Runs `body` with a swarm that is gone afterwards.
    func withSwarm(rooms: [String], deflates: Bool = false, _ body: (Swarm) async throws -> Void) async throws {
        try ConnectionBudget.raise(toHold: connections + 100)
        let tokens = try tokens()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        do {
            let swarm = Swarm(url: try ServerURL(url), tokens: tokens, rooms: rooms, deflates: deflates, group: group)
            try await body(swarm)
            await swarm.close()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }
}
