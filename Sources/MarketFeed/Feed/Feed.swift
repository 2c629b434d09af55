/// A source of market events: a recording, or the simulator.
public protocol Feed: Sendable {
    /// What the feed is called in messages to the operator.
    var name: String { get }

    /// Starts the feed from its beginning.
    ///
    /// - Parameter round: 0 the first time. Ids of later rounds must differ, or the gateway would drop them as repeats.
    func events(round: Int) throws -> any FeedCursor
}

/// A feed being read. The events come in the order of their `due`.
public protocol FeedCursor {
    /// The next event; `nil` at the end.
    mutating func next() throws -> FeedEvent?
}
