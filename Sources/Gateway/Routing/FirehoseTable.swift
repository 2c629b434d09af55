import GatewayDomain
import NIOCore

/// How many members each firehose has on each event loop. Firehoses without members cost a look at a `nil`.
struct FirehoseTable {
    /// The members of one firehose.
    struct Members {
        /// The name of the room that they are in on each loop.
        let name: String
        /// How many, by event loop.
        var counts: [Int32]
        /// Since when there have been members, or some not long ago, without a break; as an offset of the router's clock.
        let madeAt: Duration
        /// Since when there are none.
        var idleSince: Duration?
        /// Whether somebody has come back to it, who may have been told elsewhere that a room of it is stale.
        var hasReturned = false
        /// Whether it waits to be forgotten.
        fileprivate var isRetiring = false

        var isEmpty: Bool { counts.allSatisfy { $0 <= 0 } }
    }

    private var prices: Members?
    private var trades: Members?
    private var own: [Room: Members] = [:]

    /// How long after its last member has left a firehose still counts as wanted: its members may come back and ask for what they missed.
    let linger: Duration
    /// Firehoses without members, about in the order in which their time is over.
    private var retiring: CircularBuffer<(firehose: Firehose, since: Duration)> = []

    /// A table without members.
    init(linger: Duration = .zero) {
        self.linger = linger
    }

    /// The members that get the events of `room` without being in it; `nil` where there are none, nor any who may come back.
    func members(reaching room: Room) -> Members? {
        switch room.kind {
        case .price: prices
        case .trade: trades
        case .user, .portfolio, .orders: own.isEmpty ? nil : own[room]
        case .orderbook, .chart, .group: nil
        }
    }

    /// The members of one firehose.
    subscript(firehose: Firehose) -> Members? {
        get {
            switch firehose {
            case .prices: prices
            case .trades: trades
            case .own(let room): own[room]
            }
        }
        set {
            switch firehose {
            case .prices: prices = newValue
            case .trades: trades = newValue
            case .own(let room): own[room] = newValue
            }
        }
    }

    /// Adds `change` members on a loop. `now` is the router's clock.
    mutating func add(_ change: Int32, to firehose: Firehose, loopIndex: Int, loopCount: Int, now: Duration) {
        var members =
            self[firehose] ?? Members(name: firehose.name, counts: [Int32](repeating: 0, count: loopCount), madeAt: now)
        members.counts[loopIndex] += change
        members.idleSince = members.isEmpty ? now : nil
        if members.isEmpty, linger <= .zero { return self[firehose] = nil }
        if members.isEmpty, !members.isRetiring {
            members.isRetiring = true
            retiring.append((firehose, now))
        }
        self[firehose] = members
    }

    /// Forgets firehoses to which nobody has come back.
    mutating func forgetIdle(now: Duration) {
        while let next = retiring.first, now - next.since >= linger {
            retiring.removeFirst()
            guard let since = self[next.firehose]?.idleSince else {
                self[next.firehose]?.isRetiring = false
                continue
            }
            if now - since >= linger { self[next.firehose] = nil } else { retiring.append((next.firehose, since)) }
        }
    }
}
