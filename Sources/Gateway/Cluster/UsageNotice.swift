import GatewayDomain
import NIOCore

/// How many events users have sent over one node in about a second: `u <node>`, then a line `<user> <events>` for each.
struct UsageNotice: Hashable, Sendable {
    /// The most users of one notice.
    static let maximumUsers = 1000

    let node: NodeID
    let events: [UserID: Int]

    init(node: NodeID, events: [UserID: Int]) {
        self.node = node
        self.events = events
    }

    /// Returns `nil` where the bytes are no such notice.
    init?(_ payload: ByteBuffer) {
        var lines = String(buffer: payload).split(separator: "\n")
        guard let head = lines.first, head.hasPrefix("u "), let node = NodeID(head.dropFirst(2)) else { return nil }
        lines.removeFirst()
        var events: [UserID: Int] = [:]
        for line in lines.prefix(Self.maximumUsers) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let user = UserID(parts[0]), let count = Int(parts[1]), count > 0 else { return nil }
            events[user] = count
        }
        self.init(node: node, events: events)
    }

    var text: String { events.reduce(into: "u \(node)") { $0 += "\n\($1.key) \($1.value)" } }

    /// As many notices as it takes.
    static func notices(node: NodeID, events: [UserID: Int]) -> [UsageNotice] {
        let all = Array(events)
        return stride(from: 0, to: all.count, by: maximumUsers).map { start in
            let some = all[start..<min(all.count, start + maximumUsers)]
            return UsageNotice(node: node, events: Dictionary(uniqueKeysWithValues: some.map { ($0.key, $0.value) }))
        }
    }
}
