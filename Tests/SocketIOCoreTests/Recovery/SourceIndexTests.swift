import EngineIOCore
import SocketIOCore
import Testing

@Suite("SourceIndex")
struct SourceIndexTests {
    private var index = SourceIndex(count: 2, retention: .seconds(10), maximumEntries: 4)

    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    private mutating func append(_ source: Int, _ id: UInt64, at position: UInt64, seconds: Int = 0) {
        index.append(SourcePlace(source: source, id: SourceID(milliseconds: id, number: 0)), at: position, now: at(seconds))
    }

    private func seen(_ first: UInt64, _ second: UInt64) -> SourcePositions {
        var seen = SourcePositions(count: 2)
        seen.advance(to: SourcePlace(source: 0, id: SourceID(milliseconds: first, number: 0)))
        seen.advance(to: SourcePlace(source: 1, id: SourceID(milliseconds: second, number: 0)))
        return seen
    }

    @Test mutating func aPositionIsAPlaceInEachSourceAndBack() {
        append(0, 100, at: 1)
        append(1, 500, at: 2)
        append(0, 101, at: 3)
        // Read, and nothing of it in the log.
        append(1, 501, at: 3)
        #expect(index.current == seen(101, 501))
        #expect(index.positions(at: 0) == seen(0, 0))
        #expect(index.positions(at: 1) == seen(100, 0))
        #expect(index.positions(at: 2) == seen(100, 500))
        #expect(index.positions(at: 3) == seen(101, 501))
        #expect(index.positions(at: 9) == seen(101, 501))

        #expect(index.start(after: seen(0, 0), last: 3, now: at(0)) == 0)
        #expect(index.start(after: seen(100, 0), last: 3, now: at(0)) == 1)
        #expect(index.start(after: seen(101, 500), last: 3, now: at(0)) == 2)
        #expect(index.start(after: seen(101, 501), last: 3, now: at(0)) == 3)
        #expect(index.start(after: seen(999, 999), last: 3, now: at(0)) == 3)
    }

    @Test mutating func whatIsReadAgainChangesNothing() {
        append(0, 100, at: 1)
        append(0, 100, at: 2)
        append(0, 99, at: 2)
        append(7, 1, at: 2)
        #expect(index.current == seen(100, 0))
        #expect(index.positions(at: 1) == seen(100, 0))
    }

    @Test mutating func whatIsOldHasBeenReceived() {
        append(0, 100, at: 1)
        append(0, 101, at: 2, seconds: 11)
        #expect(index.start(after: seen(0, 0), last: 2, now: at(11)) == 1)
        // How far the source was is still known.
        #expect(index.positions(at: 1) == seen(100, 0))
    }

    @Test mutating func whatABoundTookOutIsMissedByWhoHadNotSeenIt() {
        for number in 1...5 { append(0, 100 + UInt64(number), at: UInt64(number)) }
        #expect(index.start(after: seen(100, 0), last: 5, now: at(0)) == nil)
        #expect(index.start(after: seen(102, 0), last: 5, now: at(0)) == 2)
        // After a while it is as old as what anybody may ask for.
        #expect(index.start(after: seen(100, 0), last: 5, now: at(11)) == 5)
    }

    @Test mutating func afterABreakOnlyWhoHasSeenWhatFollowedIsKnown() {
        append(0, 100, at: 1)
        index.breakOff(0)
        #expect(index.start(after: seen(100, 0), last: 1, now: at(0)) == nil)
        append(0, 110, at: 2)
        append(0, 111, at: 3)
        #expect(index.start(after: seen(100, 0), last: 3, now: at(0)) == nil)
        #expect(index.start(after: seen(110, 0), last: 3, now: at(0)) == 2)
    }
}
