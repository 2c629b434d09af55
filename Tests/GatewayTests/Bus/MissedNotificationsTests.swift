import Testing

@testable import Gateway

@Suite("MissedNotifications")
struct MissedNotificationsTests {
    /// Milliseconds since 1970.
    private static let now: Int64 = 1_800_000_000_000

    /// The first entry of a moment, so many seconds ago.
    private func ago(_ seconds: Int64) -> StreamPosition.ID {
        StreamPosition.ID(milliseconds: UInt64(Self.now - seconds * 1000), number: 0)
    }

    private func missed(lastRead: StreamPosition.ID?, end: StreamPosition.ID? = nil) -> MissedNotifications {
        MissedNotifications(
            lastRead: lastRead,
            end: end ?? ago(0),
            age: .seconds(3600),
            window: .seconds(120),
            capacity: 100,
            now: Self.now
        )
    }

    private func notification(_ id: String, type: String = "notification") throws -> Envelope {
        try Envelope(json: Array(#"{"type":"\#(type)","userId":"alice-0001","id":"\#(id)","data":{}}"#.utf8))
    }

    @Test func whereNobodySaysHowFarItWasReadAllOfTheHourIsTakenIn() throws {
        var missed = missed(lastRead: nil)
        #expect(missed.start == ago(3720))
        #expect(try missed.take(notification("a"), at: ago(3601)) == nil)
        #expect(try missed.take(notification("b"), at: ago(3600)) == Self.now - 3_600_000)
        #expect(try missed.take(notification("c"), at: ago(1)) == Self.now - 1000)
    }

    @Test func whatWasReadIsReadAgainForAWhileOnly() throws {
        var missed = missed(lastRead: ago(1000))
        #expect(missed.start == ago(1420))
        #expect(try missed.take(notification("a"), at: ago(1301)) == nil)
        #expect(try missed.take(notification("b"), at: ago(1300)) == Self.now - 1_300_000)
        #expect(self.missed(lastRead: ago(3590)).start == ago(3720))
    }

    /// Redis has lost the stream, and begun another.
    @Test func whatWasReadOfAStreamThatIsGoneSaysNothing() {
        #expect(missed(lastRead: ago(10), end: ago(20)).start == ago(3720))
        #expect(missed(lastRead: ago(10), end: .zero).start == ago(3720))
    }

    /// By the times at which they came, not by that at which they are read. What came before the reading begins counts.
    @Test func aRepeatCountsForNothingAndTheSameIDLaterIsAnother() throws {
        var missed = missed(lastRead: nil)
        #expect(try missed.take(notification("a"), at: ago(3650)) == nil)
        #expect(try missed.take(notification("a"), at: ago(3590)) == nil)
        #expect(try missed.take(notification("b"), at: ago(3000)) != nil)
        #expect(try missed.take(notification("b"), at: ago(2900)) == nil)
        #expect(try missed.take(notification("b"), at: ago(2800)) != nil)
    }

    @Test func whateverAnEntryIsCalledNothingButANotificationOfNoLaterThanNowComes() throws {
        var missed = missed(lastRead: nil, end: StreamPosition.ID(milliseconds: .max, number: .max))
        #expect(try missed.take(notification("a", type: "order_update"), at: ago(1)) == nil)
        #expect(try missed.take(notification("b"), at: StreamPosition.ID(milliseconds: .max, number: 1)) == Self.now)
    }
}
