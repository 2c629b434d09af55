/// One feed in the hands of a player: its next event, and where its current round stands on the player's time line.
struct Track {
    /// Feed time between the last event of a round and the first of the next.
    static let pauseBetweenRounds: Duration = .seconds(1)

    private(set) var next: FeedEvent?
    private(set) var completedRounds = 0

    private let feed: any Feed
    private let loops: Bool
    private var cursor: any FeedCursor
    private var roundStart: Duration = .zero

    init(_ feed: any Feed, loops: Bool) throws {
        self.feed = feed
        self.loops = loops
        self.cursor = try feed.events(round: 0)
        self.next = try cursor.next()
    }

    /// Moves on to the event after `next`, in the next round where this one is over and there are to be more.
    mutating func advance() throws {
        guard let current = next else { return }
        if let event = try cursor.next() {
            next = FeedEvent(due: roundStart + event.due, envelope: event.envelope)
            return
        }
        completedRounds += 1
        next = nil
        guard loops else { return }
        roundStart = current.due + Self.pauseBetweenRounds
        cursor = try feed.events(round: completedRounds)
        if let event = try cursor.next() { next = FeedEvent(due: roundStart + event.due, envelope: event.envelope) }
    }
}
