import NIOCore

/// When each message of an open-loop measurement is due: message *k* of all at `start` + *k* / `rate`, and in room *k* modulo `rooms`.
///
/// A latency is counted from here, not from when the message was really published: a publisher that is held up would else hide how long
/// everybody waited ("coordinated omission").
struct PublishSchedule: Sendable {
    /// The rates that there are times for.
    static let rates = 0.001...1_000_000

    let start: NIODeadline
    /// Messages a second, over all rooms.
    let rate: Double
    let rooms: Int
    /// How many messages of each room earlier schedules of the same clients have had.
    var earlier = 0

    /// When message `number` of all is due.
    func instant(_ number: Int) -> NIODeadline {
        start + .nanoseconds(Int64(Double(number) * 1e9 / rate))
    }

    /// When the message is due that is the room's `number`th, those of earlier schedules counted.
    func instant(ofMessage number: Int, inRoom room: Int) -> NIODeadline {
        instant((number - earlier) * rooms + room)
    }

    /// How many messages are due by `now`.
    func due(by now: NIODeadline) -> Int {
        now < start ? 0 : Int(Double((now - start).nanoseconds) * rate / 1e9) + 1
    }
}
