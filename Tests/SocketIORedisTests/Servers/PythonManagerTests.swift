import Foundation
import NIOCore
import RedisServers
import SocketIO
import SocketIOCore
import Testing

/// A python-socketio server with an `AsyncRedisManager`, and a write-only `RedisManager`, beside one of ours.
///
/// Needs the environment that `scripts/setup.sh test` makes, or `MOONX_PYTHON`; skipped without.
@Suite(
    "python-socketio on the same Redis",
    .timeLimit(.minutes(3)),
    .enabled(if: RedisServer.isThere && PythonInterpreter.isThere, "no redis or .venv")
)
struct PythonManagerTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ index: Int) {
        namespace.on("join") { socket, arguments, ack in ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)") }
        namespace.on("shout") { socket, arguments, _ in
            socket.broadcast.to("r").emit(OutgoingEvent("shouted", json: arguments.joined, attachments: arguments.attachments))
        }
    }

    @Test func roomsEmitsAndCallbacksCross() async throws {
        try await RedisServer.run { redis in
            try await RedisNodes.run(.python, 1, redis: redis.url, Self.define) { cluster in
                let peer = PythonInterpreter.root.appending(path: "Tests/EndToEnd/peers/redis_manager_peer.py").path
                let output = try await RedisServer.run(PythonInterpreter.path, [peer, redis.url, cluster.nodes[0].url])
                #expect(
                    output.split(separator: "\n").map(String.init) == [
                        "('news', {'n': 1.5}) ('news', {'n': 1.5})",
                        "('blob', b'\\x01\\x02', [b'\\x03'], 'x')",
                        "('skipped', 1) ('none',) False",
                        "('shouted', 'hello', b'\\x07', None) False",
                        "('answer',) ('ask', 'a', 1)",
                        "('vip', 1)",
                        "('last', 1) False",
                        "('disconnect',)",
                    ]
                )
            }
        }
    }
}

private enum PythonInterpreter {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    static let path = ProcessInfo.processInfo.environment["MOONX_PYTHON"] ?? root.appending(path: ".venv/bin/python").path

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }
}
