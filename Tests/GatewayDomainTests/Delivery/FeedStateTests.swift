import GatewayDomain
import Testing

@Suite("FeedState")
struct FeedStateTests {
    private var feed = FeedState()

    private mutating func look(_ now: Duration) -> Bool { feed.look(limit: .seconds(10), now: now) }
    private mutating func event(_ now: Duration) -> Bool { feed.eventCame(now: now) }

    @Test mutating func aRoomWithoutASourceIsNeverStale() {
        let isStale = look(.seconds(1000))
        #expect(!isStale)
        #expect(feed.staleSince == nil)
        #expect(!feed.isLive)
    }

    @Test mutating func aFeedThatFallsSilentIsToldOnceAndLivesAgainWithItsNextEvent() {
        let news = [event(.seconds(1)), event(.seconds(5)), look(.milliseconds(14_999))]
        #expect(news == [false, false, false])
        #expect(feed.isLive)
        let silence = [look(.seconds(15)), look(.seconds(60))]
        #expect(silence == [true, false])
        #expect(feed.staleSince == .seconds(5))
        #expect(!feed.isLive)
        let life = [event(.seconds(61)), event(.seconds(62))]
        #expect(life == [true, false])
        #expect(feed.staleSince == nil)
        let again = look(.seconds(72))
        #expect(again)
        #expect(feed.staleSince == .seconds(62))
    }
}
