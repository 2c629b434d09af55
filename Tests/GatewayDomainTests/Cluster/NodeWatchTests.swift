import Testing

@testable import GatewayDomain

@Suite("NodeWatch")
struct NodeWatchTests {
    private let own = NodeWatchTests.node(1)
    private let other = NodeWatchTests.node(2)

    private static func node(_ seed: UInt64) -> NodeID {
        var generator = Fixed(next: seed)
        return NodeID(startedAt: 1_800_000_000_000, using: &generator)
    }

    private struct Fixed: RandomNumberGenerator {
        let number: UInt64
        init(next: UInt64) { number = next }
        func next() -> UInt64 { number }
    }

    private func hear(_ watch: inout NodeWatch, at seconds: Int, silentFor silence: Int) -> NodeWatch.Outcome {
        watch.heard(ages: [own: .zero, other: .seconds(silence)], wasKnown: true, now: .seconds(seconds))
    }

    @Test func aSilentNodeDoesNotCountAndIsGivenUpLater() {
        var watch = NodeWatch(own: own)
        #expect(hear(&watch, at: 0, silentFor: 0) == .init())
        #expect(watch.live == [own, other])
        #expect(hear(&watch, at: 1, silentFor: 4).dead == [])
        #expect(watch.live == [own, other])
        for second in 2...4 {
            #expect(hear(&watch, at: second, silentFor: second + 3).dead == [])
            #expect(watch.live == [own])
        }
        #expect(hear(&watch, at: 5, silentFor: 8).dead == [other])
        // Until somebody has tidied up after it.
        #expect(hear(&watch, at: 6, silentFor: 9).dead == [other])
        #expect(watch.heard(ages: [own: .zero], wasKnown: true, now: .seconds(7)).dead == [])
    }

    @Test func whoComesBackCountsAgain() {
        var watch = NodeWatch(own: own)
        _ = hear(&watch, at: 0, silentFor: 5)
        _ = hear(&watch, at: 2, silentFor: 7)
        _ = hear(&watch, at: 3, silentFor: 0)
        #expect(watch.live == [own, other])
        _ = hear(&watch, at: 5, silentFor: 5)
        #expect(hear(&watch, at: 6, silentFor: 6).dead == [])
    }

    @Test func whoWasCutOffItselfGivesTheOthersTime() {
        var watch = NodeWatch(own: own)
        _ = hear(&watch, at: 0, silentFor: 6)
        _ = hear(&watch, at: 2, silentFor: 8)
        // Redis was away for a minute; nobody's heartbeat went through.
        #expect(hear(&watch, at: 62, silentFor: 68).dead == [])
        #expect(hear(&watch, at: 64, silentFor: 0).dead == [])
        #expect(watch.live == [own, other])
    }

    @Test func whoIsForgottenIsToldOnceItHasBeenKnown() {
        var watch = NodeWatch(own: own)
        #expect(watch.heard(ages: [own: .zero], wasKnown: false, now: .zero).hasBeenForgotten == false)
        #expect(watch.heard(ages: [own: .zero], wasKnown: true, now: .seconds(1)).hasBeenForgotten == false)
        #expect(watch.heard(ages: [own: .zero], wasKnown: false, now: .seconds(2)).hasBeenForgotten)
    }

    @Test func namesSayWhenANodeStartedAndAreReadBack() {
        #expect(NodeID(own.rawValue) == own)
        #expect(own.startedAt == 1_800_000_000_000)
        #expect(own.rawValue.count == 21)
        for text in ["", "a", String(repeating: "a", count: 22), String(repeating: "A", count: 21), own.rawValue + " "] {
            #expect(NodeID(text) == nil)
        }
    }
}
