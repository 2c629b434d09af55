/// Plays feeds together, each from its own beginning at the same moment, at their own pace times a speed.
///
/// Recordings of different years thus run side by side. With `loops` each starts again a second (of its own time) after
/// its end, whatever the others do, so that a short one does not fall silent beside a long one.
public struct FeedPlayer<PlayerClock: Clock>: Sendable where PlayerClock.Duration == Duration {
    /// How far the playing has come.
    public struct Progress: Hashable, Sendable {
        /// Events published.
        public var published = 0
        /// Where on the time line of the feeds the last of them stood.
        public var position: Duration = .zero
        /// How much later than due, by the clock, the last of them was published.
        public var lag: Duration = .zero
        /// How many times feeds came to their end.
        public var completedRounds = 0
    }

    /// Over this the player no longer catches up but goes on from where it is: after a laptop has slept for a night,
    /// the night's events must not come all at once.
    public static var longestCatchUp: Duration { .seconds(2) }

    private let feeds: [any Feed]
    private let speed: PlaybackSpeed
    private let loops: Bool
    private let clock: PlayerClock
    private let progress: @Sendable (Progress) -> Void

    /// A player that has not begun.
    ///
    /// - Parameters:
    ///   - feeds: What to play.
    ///   - speed: How many times the feeds' own pace.
    ///   - loops: Whether a feed that has ended starts again. The ids of its events then differ from round to round.
    ///   - clock: What to wait by.
    ///   - progress: Called after each event.
    public init(
        feeds: [any Feed],
        speed: PlaybackSpeed = .recorded,
        loops: Bool = false,
        clock: PlayerClock,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.feeds = feeds
        self.speed = speed
        self.loops = loops
        self.clock = clock
        self.progress = progress
    }

    /// Plays to the end of the last feed; with `loops`, or with the simulator, until the task is cancelled.
    ///
    /// - Parameter publish: Takes one event; the next waits for it. Its `due` is counted from the start of the playing.
    /// - Throws: `CancellationError`, what `publish` throws, or a feed's error, such as `RecordingError`.
    public func run(publish: @Sendable (FeedEvent) async throws -> Void) async throws {
        var tracks: [Track] = []
        for feed in feeds { tracks.append(try Track(feed, loops: loops)) }
        var start = clock.now
        var status = Progress()

        while let index = Self.soonest(tracks), let event = tracks[index].next {
            try Task.checkCancellation()
            let target = start.advanced(by: speed.clockTime(of: event.due))
            if speed.factor != nil, clock.now < target { try await clock.sleep(until: target, tolerance: nil) }
            try await publish(event)

            status.published += 1
            status.position = event.due
            status.lag = speed.factor == nil ? .zero : max(.zero, target.duration(to: clock.now))
            if status.lag > Self.longestCatchUp { start = start.advanced(by: status.lag) }
            try tracks[index].advance()
            status.completedRounds = tracks.reduce(0) { $0 + $1.completedRounds }
            progress(status)
        }
    }

    /// The track whose next event is due first; of several the one named first.
    private static func soonest(_ tracks: [Track]) -> Int? {
        var soonest: (index: Int, due: Duration)?
        for (index, track) in tracks.enumerated() {
            guard let due = track.next?.due else { continue }
            if soonest.map({ due < $0.due }) ?? true { soonest = (index, due) }
        }
        return soonest?.index
    }
}
