import Foundation

/// A Redis Cluster of processes on loopback, for one test.
public final class RedisCluster: Sendable {
    /// Its nodes; with replicas, masters and replicas in no order.
    public let nodes: [RedisServer]

    /// Makes a cluster of three masters, with as many replicas for each.
    public init(replicas: Int = 0) async throws {
        var nodes: [RedisServer] = []
        do {
            // How long a node may be silent before the others take it for dead. Without replicas nothing but a busy machine makes it so.
            let silence = replicas == 0 ? "15000" : "8000"
            for _ in 0..<(3 * (1 + replicas)) {
                let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", silence, "--repl-diskless-sync-delay", "0"]
                nodes.append(try await RedisServer(settings))
            }
            let addresses = nodes.map { "127.0.0.1:\($0.port)" }
            let choices = ["--cluster-replicas", "\(replicas)", "--cluster-yes"]
            try await RedisServer.run("/usr/bin/redis-cli", ["--cluster", "create"] + addresses + choices)
            for node in nodes { try await Self.waitUntilWhole(node) }
        } catch {
            for node in nodes { node.stop() }
            throw error
        }
        self.nodes = nodes
    }

    private static func waitUntilWhole(_ node: RedisServer) async throws {
        for _ in 0..<3_000 {
            if try await node.cli("CLUSTER", "INFO").contains("cluster_state:ok") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw RedisServer.Failure(description: "the cluster does not come up")
    }

    /// All nodes as seeds.
    public var url: String { "redis://\(nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))" }

    /// The node that has a slot.
    public func master(ofSlot slot: Int) async throws -> RedisServer {
        for line in try await nodes[0].cli("CLUSTER", "NODES").split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count > 8, parts[2].contains("master"), !parts[2].contains("fail") else { continue }
            let owns = parts[8...].contains { range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                return ends.count == 2 ? (ends[0]...ends[1]).contains(slot) : ends == [slot]
            }
            if owns, let node = nodes.first(where: { parts[1].hasPrefix("127.0.0.1:\($0.port)@") }) { return node }
        }
        throw RedisServer.Failure(description: "nobody has slot \(slot)")
    }

    /// Gives all slots of a node, which has no keys, to another.
    public func giveAway(slotsOf node: RedisServer, to other: RedisServer) async throws {
        let line = try await node.cli("CLUSTER", "NODES").split(separator: "\n").first { $0.contains("myself") } ?? ""
        let ends = line.split(separator: " ").dropFirst(8).flatMap { $0.split(separator: "-").map(String.init) }
        guard ends.count == 2 else { throw RedisServer.Failure(description: "no one range of slots: \(line)") }
        // Who has them first, so that nobody hears from it any more that it has them.
        for server in [node] + nodes.filter({ $0.port != node.port }) {
            try await server.cli("CLUSTER", "DELSLOTSRANGE", ends[0], ends[1])
        }
        try await other.cli("CLUSTER", "ADDSLOTSRANGE", ends[0], ends[1])
        for server in nodes { try await Self.waitUntilWhole(server) }
    }

    /// The name of a node in the cluster.
    public func id(of node: RedisServer) async throws -> String { try await node.cli("CLUSTER", "MYID") }

    /// Ends all nodes.
    public func stop() {
        for node in nodes { node.stop() }
    }

    /// Runs a cluster for one test.
    public static func run<Result>(replicas: Int = 0, _ body: (RedisCluster) async throws -> Result) async throws -> Result {
        let cluster = try await RedisCluster(replicas: replicas)
        defer { cluster.stop() }
        return try await body(cluster)
    }
}
