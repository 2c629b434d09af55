/// One event of a feed: what to publish, and when.
public struct FeedEvent: Hashable, Sendable {
    /// When it is due, counted from the start of the feed in the feed's own time.
    public var due: Duration
    /// The envelope to publish: one JSON object.
    public var envelope: String

    /// An event that is due that long after the start of its feed.
    public init(due: Duration, envelope: String) {
        self.due = due
        self.envelope = envelope
    }
}
