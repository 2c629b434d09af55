/// Whether the source of a room's values is alive: it was heard of, and not too long ago.
///
/// A value without a clock: `now` is an offset from any fixed origin.
public struct FeedState: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// No event has come yet: a room without a source is not stale.
        case silent
        /// Likewise, and somebody may have been told elsewhere that the room is stale.
        case doubted
        case live(lastEvent: Duration)
        case stale(lastEvent: Duration)
    }

    private var state = State.silent
    /// Whether the feed is or has been stale.
    public private(set) var hasBeenStale = false

    /// A room that no event has come for.
    public init() {}

    /// An event came. Returns whether the feed had been stale, or been believed to be, and lives again.
    public mutating func eventCame(now: Duration) -> Bool {
        defer { state = .live(lastEvent: now) }
        switch state {
        case .stale, .doubted: return true
        case .silent, .live: return false
        }
    }

    /// Somebody is in the room who may have been told elsewhere that it is stale: where no event has come yet the first one revives it.
    public mutating func doubt() {
        if state == .silent { state = .doubted }
    }

    /// Until now it could not be known whether events came: a feed that lived before is given its time from now on.
    public mutating func resumed(now: Duration) {
        if case .live(let lastEvent) = state { state = .live(lastEvent: max(lastEvent, now)) }
    }

    /// Looks at the clock. Returns whether the feed has become stale just now: nothing came for `limit`.
    public mutating func look(limit: Duration, now: Duration) -> Bool {
        guard case .live(let lastEvent) = state, now - lastEvent >= limit else { return false }
        state = .stale(lastEvent: lastEvent)
        hasBeenStale = true
        return true
    }

    /// When the last event came, where the feed is stale.
    public var staleSince: Duration? {
        if case .stale(let lastEvent) = state { lastEvent } else { nil }
    }

    /// Whether the feed can become stale: it lives.
    public var isLive: Bool {
        if case .live = state { true } else { false }
    }
}
