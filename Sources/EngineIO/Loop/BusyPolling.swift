import EngineIOCore

/// Whether an event loop goes on looking for work after it has had some, in place of sleeping until the kernel wakes it.
///
/// A value without a clock: the loop says when it has worked, and when it has looked again.
struct BusyPolling {
    private let duration: Duration
    /// Until when it looks; `nil` while it may sleep.
    private var deadline: MonotonicInstant?

    /// - Parameter duration: For how long it looks after each piece of work.
    init(for duration: Duration) {
        self.duration = duration
    }

    /// The loop has had something to do. Returns whether it is to begin to look: `false` where it does already.
    mutating func worked(now: MonotonicInstant) -> Bool {
        let begins = deadline == nil
        deadline = now + duration
        return begins
    }

    /// The loop has looked. Returns whether it is to look again.
    mutating func looked(now: MonotonicInstant) -> Bool {
        if let deadline, now < deadline { return true }
        deadline = nil
        return false
    }
}
