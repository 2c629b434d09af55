import JSONScan
import NIOCore

/// Publishes to each of several users trades of their own, numbered from 0.
struct OwnTrades: Sendable {
    let publisher: EventPublisher
    let users: [String]
    /// Trades of each user a second.
    let rate: Double
    /// Sets the ids of this run apart from those of the run before, which the gateway remembers.
    let run = UInt32.random(in: 0 ... .max)

    /// Publishes trades `first` to `last`, `last` not included, of each user, spread over the time that they take.
    func publish(from first: Int, to last: Int) async throws {
        let (count, perSecond) = ((last - first) * users.count, rate * Double(users.count))
        let schedule = PublishSchedule(start: .now(), rate: perSecond, rooms: 1)
        var published = 0
        while published < count {
            let due = min(count, schedule.due(by: .now()))
            if due == published {
                let wait = schedule.instant(published) - .now()
                try await Task.sleep(for: .nanoseconds(max(0, wait.nanoseconds)), tolerance: .zero)
            } else {
                let envelopes = (published..<due).map { envelope(first + $0 / users.count, users[$0 % users.count]) }
                try await publisher.publish("[\(envelopes.joined(separator: ","))]")
                published = due
            }
        }
    }

    private func envelope(_ number: Int, _ user: String) -> String {
        """
        {"type":"trade_notification","symbol":"MXOWN-USDC","userId":\(JSONString.literal(user)),"id":"\(run)-\(number)",\
        "data":{"price":"1.25","amount":"1","side":"buy","n":\(number)}}
        """
    }
}
