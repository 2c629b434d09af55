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

    @Test mutating func whereEventsCouldNotBeHeardTheTimeOfALivingFeedBeginsAnew() {
        feed.resumed(now: .seconds(1))
        #expect(!feed.isLive)
        _ = event(.seconds(2))
        feed.resumed(now: .seconds(20))
        let early = look(.milliseconds(29_999))
        #expect(!early)
        // An event that came later counts.
        _ = event(.seconds(25))
        feed.resumed(now: .seconds(24))
        let news = [look(.milliseconds(34_999)), look(.seconds(35))]
        #expect(news == [false, true])
        // What was stale before still is.
        feed.resumed(now: .seconds(60))
        #expect(feed.staleSince == .seconds(25))
        #expect(feed.hasBeenStale)
    }

    @Test mutating func whoMayHaveBeenToldElsewhereIsToldWithTheFirstEvent() {
        feed.doubt()
        #expect(!feed.isLive)
        #expect(feed.staleSince == nil)
        let news = [look(.seconds(100)), event(.seconds(101)), event(.seconds(102))]
        #expect(news == [false, true, false])
        // A feed that lives has been heard here.
        feed.doubt()
        let next = event(.seconds(103))
        #expect(!next)
        #expect(!feed.hasBeenStale)
    }
}
