import GatewayDomain
import NIOCore

/// How many events, or bytes of chat, users have sent over one node in about a second: `u <node>`, then a line `<user> <count>` for each.
struct UsageNotice: Hashable, Sendable {
    /// The most users of one notice.
    static let maximumUsers = 1000

    let node: NodeID
    let counts: [UserID: Int]

    init(node: NodeID, counts: [UserID: Int]) {
        self.node = node
        self.counts = counts
    }

    /// Returns `nil` where the bytes are no such notice.
    init?(_ payload: ByteBuffer) {
        var lines = String(buffer: payload).split(separator: "\n")
        guard let head = lines.first, head.hasPrefix("u "), let node = NodeID(head.dropFirst(2)) else { return nil }
        lines.removeFirst()
        var counts: [UserID: Int] = [:]
        for line in lines.prefix(Self.maximumUsers) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let user = UserID(parts[0]), let count = Int(parts[1]), count > 0 else { return nil }
            counts[user] = count
        }
        self.init(node: node, counts: counts)
    }

    var text: String { counts.reduce(into: "u \(node)") { $0 += "\n\($1.key) \($1.value)" } }

    /// As many notices as it takes.
    static func notices(node: NodeID, counts: [UserID: Int]) -> [UsageNotice] {
        let all = Array(counts)
        return stride(from: 0, to: all.count, by: maximumUsers).map { start in
            let some = all[start..<min(all.count, start + maximumUsers)]
            return UsageNotice(node: node, counts: Dictionary(uniqueKeysWithValues: some.map { ($0.key, $0.value) }))
        }
    }
}
