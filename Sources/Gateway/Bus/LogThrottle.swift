/// Lets a message that could come with every event into the log once in a while. A value; `now` is an offset from any fixed origin.
struct LogThrottle {
    private let interval: Duration
    private var last: Duration?
    private var held = 0

    init(interval: Duration = .seconds(1)) {
        self.interval = interval
    }

    /// How many messages this one stands for; `nil` where it is too early for one.
    mutating func admit(now: Duration) -> Int? {
        held += 1
        if let last, now - last < interval { return nil }
        last = now
        defer { held = 0 }
        return held
    }
}
