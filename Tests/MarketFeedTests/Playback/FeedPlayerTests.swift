import MarketFeed
import Synchronization
import Testing

struct FeedPlayerTests {
    private let clock = InstantClock()
    private let published = Published()

    @Test func mergesByTimeAndKeepsThePace() async throws {
        try await player([ListFeed("a", [0, 100, 300]), ListFeed("b", [0, 50, 300])]).run { published.append($0) }
        #expect(published.events.map(\.envelope) == ["a0", "b0", "b50", "a100", "a300", "b300"])
        #expect(clock.sleeps == [.milliseconds(50), .milliseconds(100), .milliseconds(300)])
    }

    @Test func speedDividesTheWaits() async throws {
        try await player([ListFeed("a", [0, 100, 300])], speed: 10).run { published.append($0) }
        #expect(clock.sleeps == [.milliseconds(10), .milliseconds(30)])
        #expect(published.events.map(\.due) == [.zero, .milliseconds(100), .milliseconds(300)])
    }

    @Test(arguments: [0, Double.infinity])
    func withoutLimitNothingIsWaitedFor(speed: Double) async throws {
        try await player([ListFeed("a", [0, 100, 300])], speed: speed).run { published.append($0) }
        #expect(clock.sleeps.isEmpty)
        #expect(published.events.count == 3)
    }

    @Test func eachFeedStartsAgainOnItsOwn() async throws {
        let feeds = [ListFeed("short", [0, 10]), ListFeed("long", [0, 2500])]
        await #expect(throws: Enough.self) {
            try await player(feeds, loops: true).run { event in
                published.append(event)
                if published.events.count == 9 { throw Enough() }
            }
        }
        #expect(
            published.events.map { "\($0.envelope)@\($0.due / .milliseconds(1))" } == [
                "short0@0.0", "long0@0.0", "short10@10.0", "short0#1@1010.0", "short10#1@1020.0", "short0#2@2020.0", "short10#2@2030.0",
                "long2500@2500.0", "short0#3@3030.0",
            ]
        )
    }

    @Test func anEmptyFeedEndsEvenWhereFeedsLoop() async throws {
        try await player([ListFeed("a", [])], loops: true).run { published.append($0) }
        try await player([]).run { published.append($0) }
        #expect(published.events.isEmpty)
    }

    @Test func tellsItsProgress() async throws {
        let seen = Mutex<[FeedPlayer<InstantClock>.Progress]>([])
        let feeds = [ListFeed("a", [0, 100])]
        let player = FeedPlayer(feeds: feeds, clock: clock) { progress in seen.withLock { $0.append(progress) } }
        try await player.run { _ in clock.advance(by: .milliseconds(3)) }
        let progress = seen.withLock { $0 }
        #expect(progress.map(\.published) == [1, 2])
        #expect(progress.map(\.position) == [.zero, .milliseconds(100)])
        #expect(progress.map(\.lag) == [.milliseconds(3), .milliseconds(3)])
        #expect(progress.map(\.completedRounds) == [0, 1])
    }

    @Test func catchesUpAfterAShortDelay() async throws {
        try await player([ListFeed("a", [0, 1000, 2000, 3000])]).run { event in
            published.append(event)
            if event.due == .zero { clock.advance(by: .milliseconds(1500)) }
        }
        #expect(clock.sleeps == [.milliseconds(2000), .milliseconds(3000)])
    }

    @Test func goesOnFromWhereItIsAfterALongDelay() async throws {
        try await player([ListFeed("a", [0, 1000, 2000])]).run { event in
            published.append(event)
            if event.due == .zero { clock.advance(by: .seconds(3600)) }
        }
        #expect(clock.sleeps == [.seconds(3601), .seconds(3602)])
    }

    @Test func cancellationEndsAWait() async throws {
        let player = FeedPlayer(feeds: [ListFeed("a", [0, 1000])], clock: StuckClock())
        let (first, published) = AsyncStream<FeedEvent>.makeStream()
        let playing = Task { try await player.run { published.yield($0) } }
        for await _ in first { break }
        playing.cancel()
        await #expect(throws: CancellationError.self) { try await playing.value }
    }

    @Test func cancellationEndsPlayingWithoutWaits() async throws {
        let player = player([ListFeed("a", [0])], speed: 0, loops: true)
        let (first, published) = AsyncStream<FeedEvent>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let playing = Task { try await player.run { published.yield($0) } }
        for await _ in first { break }
        playing.cancel()
        await #expect(throws: CancellationError.self) { try await playing.value }
    }

    @Test func passesOnWhatAFeedThrows() async throws {
        await #expect(throws: Enough.self) {
            try await player([ListFeed("a", [0, 10], fails: true)]).run { published.append($0) }
        }
        #expect(published.events.count == 2)
    }

    private func player(_ feeds: [ListFeed], speed: Double = 1, loops: Bool = false) -> FeedPlayer<InstantClock> {
        FeedPlayer(feeds: feeds, speed: PlaybackSpeed(speed)!, loops: loops, clock: clock)
    }
}

private struct Enough: Error {}

/// Events at these milliseconds, named after the feed, the millisecond and, from the second on, the round.
private struct ListFeed: Feed {
    let name: String
    let dues: [Int]
    let fails: Bool

    init(_ name: String, _ dues: [Int], fails: Bool = false) {
        self.name = name
        self.dues = dues
        self.fails = fails
    }

    func events(round: Int) -> any FeedCursor {
        Cursor(
            rest: dues.map { FeedEvent(due: .milliseconds($0), envelope: "\(name)\($0)" + (round == 0 ? "" : "#\(round)")) }[...],
            fails: fails
        )
    }

    private struct Cursor: FeedCursor {
        var rest: ArraySlice<FeedEvent>
        let fails: Bool

        mutating func next() throws -> FeedEvent? {
            if rest.isEmpty, fails { throw Enough() }
            return rest.popFirst()
        }
    }
}

/// A clock that stands still: who sleeps on it wakes up only when cancelled.
private struct StuckClock: Clock {
    var now: InstantClock.Instant { InstantClock.Instant(offset: .zero) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: InstantClock.Instant, tolerance: Duration?) async throws {
        let (never, source) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        withExtendedLifetime(source) {}
        try Task.checkCancellation()
    }
}
