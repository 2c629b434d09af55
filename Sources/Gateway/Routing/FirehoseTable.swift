import GatewayDomain

/// How many members each firehose has on each event loop. Firehoses without members cost a look at a `nil`.
struct FirehoseTable {
    /// The members of one firehose.
    struct Members {
        /// The name of the room that they are in on each loop.
        let name: String
        /// How many, by event loop.
        var counts: [Int32]

        var isEmpty: Bool { counts.allSatisfy { $0 <= 0 } }
    }

    private var prices: Members?
    private var trades: Members?
    private var own: [Room: Members] = [:]

    /// The members that get the events of `room` without being in it; `nil` where there are none.
    func members(reaching room: Room) -> Members? {
        switch room.kind {
        case .price: prices
        case .trade: trades
        case .user, .portfolio, .orders: own.isEmpty ? nil : own[room]
        case .orderbook, .chart, .group: nil
        }
    }

    /// Adds `change` members on a loop; a firehose that nobody is left in is forgotten.
    mutating func add(_ change: Int32, to firehose: Firehose, loopIndex: Int, loopCount: Int) {
        func changed(_ members: Members?) -> Members? {
            var members = members ?? Members(name: firehose.name, counts: [Int32](repeating: 0, count: loopCount))
            members.counts[loopIndex] += change
            return members.isEmpty ? nil : members
        }
        switch firehose {
        case .prices: prices = changed(prices)
        case .trades: trades = changed(trades)
        case .own(let room): own[room] = changed(own[room])
        }
    }
}
