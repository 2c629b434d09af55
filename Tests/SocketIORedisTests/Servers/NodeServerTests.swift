import Foundation
import RedisServers
import Testing

/// The Node server with an official adapter beside one of ours, on one Redis, with its clients and the official emitters. What they see is
/// compared with what they see where both servers are Node's.
///
/// Needs `node` and, where `NODE_PATH` leads, the packages that `Tests/EndToEnd/peers/node_cluster_peer.js` names; skipped without
/// (docs/conformance.md, Node servers).
@Suite(
    "A Node server on the same Redis",
    .timeLimit(.minutes(5)),
    .enabled(if: RedisServer.isThere && NodePeer.isThere, "no redis, or no packages of the Node server")
)
struct NodeServerTests {
    @Test(arguments: ["classic", "specific", "sharded", "sharded-private", "streams", "several-streams", "recovery"])
    func theySeeWhatTheySeeOfNodeServers(_ adapter: String) async throws {
        let expected = try await RedisServer.run { try await NodePeer.run([adapter, $0.url]) }
        let format = try #require(["specific": .classic, "recovery": .streams][adapter] ?? Format(rawValue: adapter))
        let seen = try await RedisServer.run { redis in
            let ours = OrderedServer()
            var seen: [String] = []
            try await RedisNodes.run(format, 1, redis: redis.url, namespaces: ["/", "/other"], ours.define) { cluster in
                ours.begin(cluster.nodes[0].server)
                seen = try await NodePeer.run([adapter, redis.url, cluster.nodes[0].url])
            }
            return seen
        }
        #expect(expected.count > (adapter == "recovery" ? 4 : 200))
        for change in seen.difference(from: expected) {
            switch change {
            case .insert(_, let line, _): Issue.record("seen with ours: \(line)")
            case .remove(_, let line, _): Issue.record("seen with Node's: \(line)")
            }
        }
    }
}

private enum NodePeer {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../EndToEnd/peers/node_cluster_peer.js").standardized.path

    static var isThere: Bool {
        let folders = (ProcessInfo.processInfo.environment["NODE_PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.fileExists(atPath: "\($0)/@socket.io/redis-streams-emitter") }
    }

    static func run(_ arguments: [String]) async throws -> [String] {
        try await RedisServer.run("/usr/bin/env", ["node", script] + arguments).split(separator: "\n").map(String.init)
    }
}
