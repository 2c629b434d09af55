import Histogram
import NIOCore

/// What the held connections of one event loop have received. Confined to its loop.
///
/// `@unchecked Sendable`: only `eventLoop` touches the variables; references travel.
final class HoldTally: @unchecked Sendable {
    let eventLoop: any EventLoop
    private(set) var ledger: HoldLedger
    /// Engine.IO's pings that were answered.
    private(set) var pings = 0
    /// Microseconds from when an event was due until it was there.
    private(set) var (prices, alerts) = (HoldTally.histogram(), HoldTally.histogram())
    /// Why connections have ended, the first few.
    private(set) var reasons: [String] = []

    init(eventLoop: any EventLoop, rooms: Int) {
        self.eventLoop = eventLoop
        self.ledger = HoldLedger(rooms: rooms)
    }

    func join(room: Int) -> Int {
        eventLoop.assertInEventLoop()
        return ledger.join(room: room)
    }

    func received(_ event: NumberedEvent, by number: Int) {
        ledger.received(event, by: number)
        guard !event.isSnapshot else { return }
        let late = Int64(NIODeadline.now().uptimeNanoseconds / 1_000) - event.due
        let microseconds = UInt64(max(1, min(late, 60_000_000)))
        switch event.kind {
        case .price: _ = prices.record(microseconds)
        case .alert: _ = alerts.record(microseconds)
        }
    }

    func answeredPing() { pings += 1 }

    func connectionEnded(_ reason: String) {
        ledger.connectionEnded()
        if reasons.count < 3 { reasons.append(reason) }
    }

    private static func histogram() -> Histogram<UInt64> { Histogram(highestTrackableValue: 60_000_000) }
}
