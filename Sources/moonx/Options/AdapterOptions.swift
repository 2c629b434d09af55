import ArgumentParser
import Gateway
import Logging
import NIOCore
import RedisClient

/// `--socketio-adapter KIND`: official emitters and other Socket.IO servers reach the gateway's clients.
struct AdapterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Let emitters and Socket.IO servers on the same --redis reach clients: classic, sharded or sharded-private (@socket.io/redis-adapter and its emitter; the last with the mode dynamic-private), streams (@socket.io/redis-streams-adapter), python (RedisManager). Whoever can write to that Redis can. Default: none",
            valueName: "kind"
        )
    )
    var socketioAdapter: String?

    @Option(
        help: ArgumentHelp(
            "How many streams they have, with --socketio-adapter streams: their streamCount. From 1 to 64. Default: 1",
            valueName: "number"
        )
    )
    var socketioStreams: Int?

    static let needsRedis = StartFailure(description: "--socketio-adapter needs --redis, which says where the adapter's channels are")

    /// Whether there is to be a bridge.
    var isWanted: Bool { get throws { try kind() != nil } }

    func validate() throws {
        _ = try kind()
        _ = try streamCount()
    }

    private func streamCount() throws -> Int {
        let count = try Setting.value(socketioStreams, "socketio-streams", default: 1)
        guard (1...64).contains(count) else { throw ValidationError("--socketio-streams must be from 1 to 64, not \(count)") }
        return count
    }

    private func kind() throws -> SocketIOBridge.Kind? {
        guard let text = Setting.text(socketioAdapter, "socketio-adapter"), text != "none" else { return nil }
        guard let kind = SocketIOBridge.Kind(rawValue: text) else {
            let names = SocketIOBridge.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--socketio-adapter must be one of \(names) or none, not “\(text)”")
        }
        return kind
    }

    /// The bridge, over a client of its own; `nil` where none is asked for.
    ///
    /// - Throws: `StartFailure` where Redis cannot be reached, `ValidationError` where there is none.
    func connect(_ redis: RedisOptions, group: any EventLoopGroup, logger: Logger) async throws -> (SocketIOBridge, RedisClient)? {
        guard let kind = try kind() else { return nil }
        guard let client = try await redis.connect(group: group, logger: logger) else {
            throw Self.needsRedis
        }
        return (SocketIOBridge(kind, client: client, streamCount: try streamCount()), client)
    }
}
