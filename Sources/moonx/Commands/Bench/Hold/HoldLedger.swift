/// What each of many connections has received of a feed that numbers everything, and what is missing.
///
/// Each connection is in one room and must get every price of that room and every alert, both from number 0 on, once and in order. A value without
/// I/O; some 40 bytes a connection.
struct HoldLedger {
    /// What is known of all connections together.
    struct Summary: Equatable {
        var connections = 0
        var prices = 0
        var alerts = 0
        /// How many prices and alerts the connections have had that had fewest and most.
        var fewest = (prices: Int.max, alerts: Int.max)
        var most = (prices: 0, alerts: 0)
        /// Numbers that have not come.
        var lost = 0
        /// Numbers that came again, or after a later one.
        var repeated = 0
        /// Prices whose `seq` does not continue the one before.
        var outOfSequence = 0
        /// Prices that stood for several: the others were dropped.
        var conflated = 0
        var snapshots = 0
        /// Connections that the server or an error has ended.
        var ended = 0
        /// Connections that have not had everything.
        var unfinished = 0

        static func == (one: Summary, other: Summary) -> Bool { one.figures == other.figures }

        /// Everything that must be 0.
        var faults: Int { lost + repeated + outOfSequence + conflated + ended + unfinished }

        private var figures: [Int] {
            [connections, prices, alerts, fewest.prices, fewest.alerts, most.prices, most.alerts]
                + [lost, repeated, outOfSequence, conflated, snapshots, ended, unfinished]
        }

        mutating func add(_ other: Summary) {
            connections += other.connections
            prices += other.prices
            alerts += other.alerts
            fewest = (min(fewest.prices, other.fewest.prices), min(fewest.alerts, other.fewest.alerts))
            most = (max(most.prices, other.most.prices), max(most.alerts, other.most.alerts))
            lost += other.lost
            repeated += other.repeated
            outOfSequence += other.outOfSequence
            conflated += other.conflated
            snapshots += other.snapshots
            ended += other.ended
            unfinished += other.unfinished
        }
    }

    private struct Seat {
        let room: Int32
        var nextPrice: Int32 = 0
        var nextAlert: Int32 = 0
        var prices: Int32 = 0
        var alerts: Int32 = 0
        /// The `seq` of the last price; -1 before the first.
        var seq: Int64 = -1
        var isFinished = false
    }

    /// Among how many rooms the feed divides its prices.
    private let rooms: Int
    private var seats: [Seat] = []
    private var unfinished = 0
    private var (repeated, outOfSequence, conflated, snapshots, ended) = (0, 0, 0, 0, 0)
    /// How much the feed has published in all; `nil` until the last alert has come to one of the connections.
    private(set) var total: (prices: Int, alerts: Int)?

    init(rooms: Int) {
        self.rooms = rooms
    }

    /// Whether every connection has had everything.
    var isComplete: Bool { total != nil && unfinished == 0 }

    /// A connection in room number `room`. Answers its number.
    mutating func join(room: Int) -> Int {
        seats.append(Seat(room: Int32(room)))
        unfinished += 1
        return seats.count - 1
    }

    mutating func received(_ event: NumberedEvent, by number: Int) {
        if let prices = event.prices, total == nil { total = (prices, event.number + 1) }
        switch event.kind {
        case .price: received(price: event, by: number)
        case .alert:
            if seats[number].nextAlert > event.number { return repeated += 1 }
            seats[number].nextAlert = Int32(clamping: event.number + 1)
            seats[number].alerts += 1
        }
        finish(number)
    }

    mutating func connectionEnded() { ended += 1 }

    /// What there is to say now; what is missing at the end only where the end is known.
    var summary: Summary {
        var summary = Summary(connections: seats.count)
        for seat in seats {
            summary.prices += Int(seat.prices)
            summary.alerts += Int(seat.alerts)
            summary.fewest = (min(summary.fewest.prices, Int(seat.prices)), min(summary.fewest.alerts, Int(seat.alerts)))
            summary.most = (max(summary.most.prices, Int(seat.prices)), max(summary.most.alerts, Int(seat.alerts)))
            summary.lost += max(Int(seat.nextPrice), prices(ofRoom: seat.room)) - Int(seat.prices)
            summary.lost += max(Int(seat.nextAlert), total?.alerts ?? 0) - Int(seat.alerts)
        }
        summary.repeated = repeated
        summary.outOfSequence = outOfSequence
        summary.conflated = conflated
        summary.snapshots = snapshots
        summary.ended = ended
        summary.unfinished = unfinished
        return summary
    }

    private mutating func received(price event: NumberedEvent, by number: Int) {
        let last = seats[number].seq
        if let seq = event.seq {
            let first = event.seqFirst ?? seq
            if first < seq { conflated += 1 }
            if !event.isSnapshot, last >= 0, first != last + 1 { outOfSequence += 1 }
            seats[number].seq = seq
        }
        if event.isSnapshot { return snapshots += 1 }
        if seats[number].nextPrice > event.number { return repeated += 1 }
        seats[number].nextPrice = Int32(clamping: event.number + 1)
        seats[number].prices += 1
    }

    private mutating func finish(_ number: Int) {
        guard let total, !seats[number].isFinished else { return }
        guard seats[number].alerts == total.alerts, seats[number].prices == prices(ofRoom: seats[number].room) else { return }
        seats[number].isFinished = true
        unfinished -= 1
    }

    /// How many of all prices were for that room: the feed takes one room after the other.
    private func prices(ofRoom room: Int32) -> Int {
        guard let total else { return 0 }
        return total.prices / rooms + (Int(room) < total.prices % rooms ? 1 : 0)
    }
}
