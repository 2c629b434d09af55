import RESP

/// Which node has which slots.
///
/// Source: https://redis.io/docs/latest/commands/cluster-slots/
struct ClusterTopology: Equatable {
    /// The nodes that have slots, in a fixed order.
    private(set) var masters: [RedisAddress]
    /// For each slot the place in `masters`; -1: none.
    private var owners: [Int16]

    /// Knows nothing.
    init() {
        masters = []
        owners = Array(repeating: -1, count: HashSlot.count)
    }

    /// Reads the answer to `CLUSTER SLOTS`.
    ///
    /// - Parameter asked: Who answered: a node that does not know its own name leaves it empty.
    /// - Returns: `nil` where it is not such an answer, or names no node.
    init?(slots reply: RESPValue, asked: RedisAddress) {
        guard let ranges = reply.array else { return nil }
        self.init()
        var found: [(first: Int, last: Int, address: RedisAddress)] = []
        for range in ranges {
            guard let parts = range.array, parts.count >= 3, let first = parts[0].integer, let last = parts[1].integer,
                let node = parts[2].array, node.count >= 2, let port = node[1].integer, let port = UInt16(exactly: port),
                0 <= first, first <= last, last < HashSlot.count
            else { return nil }
            // Empty, or a question mark: not known. Nothing: reach it as this one was reached.
            let host = node[0].string.flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } ?? asked.host
            found.append((Int(first), Int(last), RedisAddress(host: host, port: Int(port))))
        }
        guard !found.isEmpty else { return nil }
        for range in found.sorted(by: { $0.first < $1.first }) {
            let owner = place(of: range.address)
            for slot in range.first...range.last { owners[slot] = owner }
        }
    }

    /// Who has a slot; `nil`: nobody, as far as is known.
    func master(of slot: HashSlot) -> RedisAddress? {
        let owner = owners[slot.number]
        return owner < 0 ? nil : masters[Int(owner)]
    }

    /// A node has said who has a slot now.
    mutating func moved(_ slot: HashSlot, to address: RedisAddress) {
        owners[slot.number] = place(of: address)
    }

    private mutating func place(of address: RedisAddress) -> Int16 {
        if let index = masters.firstIndex(of: address) { return Int16(index) }
        masters.append(address)
        return Int16(masters.count - 1)
    }
}
