/// Whether the source of a room's values is alive: it was heard of, and not too long ago.
///
/// A value without a clock: `now` is an offset from any fixed origin.
public struct FeedState: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// No event has come yet: a room without a source is not stale.
        case silent
        case live(lastEvent: Duration)
        case stale(lastEvent: Duration)
    }

    private var state = State.silent

    /// A room that no event has come for.
    public init() {}

    /// An event came. Returns whether the feed had been stale and lives again.
    public mutating func eventCame(now: Duration) -> Bool {
        defer { state = .live(lastEvent: now) }
        if case .stale = state { return true }
        return false
    }

    /// Looks at the clock. Returns whether the feed has become stale just now: nothing came for `limit`.
    public mutating func look(limit: Duration, now: Duration) -> Bool {
        guard case .live(let lastEvent) = state, now - lastEvent >= limit else { return false }
        state = .stale(lastEvent: lastEvent)
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
