import MarketFeed
import Testing

struct PlaybackSpeedTests {
    @Test func zeroAndInfinityAreWithoutLimit() {
        #expect(PlaybackSpeed(0) == .unlimited)
        #expect(PlaybackSpeed(.infinity) == .unlimited)
        #expect(PlaybackSpeed(1) == .recorded)
        #expect(PlaybackSpeed(50)?.factor == 50)
    }

    @Test(arguments: [-1, -0.5, -Double.infinity, Double.nan, 1e-9])
    func refusesTheRest(factor: Double) {
        #expect(PlaybackSpeed(factor) == nil)
    }
}
