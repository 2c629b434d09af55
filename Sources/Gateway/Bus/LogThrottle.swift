/// Lets a message that could come with every event into the log once in a while. A value; `now` is an offset from any fixed origin.
struct LogThrottle {
    private let interval: Duration
    private var last: Duration?
    private var held = 0

    init(interval: Duration = .seconds(1)) {
        self.interval = interval
    }

    /// How many messages these `count` and those held back stand for; `nil` where it is too early for one.
    mutating func admit(_ count: Int = 1, now: Duration) -> Int? {
        held += count
        if let last, now - last < interval { return nil }
        last = now
        defer { held = 0 }
        return held
    }
}
