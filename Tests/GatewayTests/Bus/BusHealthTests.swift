import Testing

@testable import Gateway

@Suite("BusHealth")
struct BusHealthTests {
    private var health = BusHealth(rules: .init(), channels: 1, now: .zero)

    @Test mutating func theNodeSpeaksToItselfOnceASecond() {
        #expect(health.tick(now: .zero) == [.probe(1)])
        #expect(health.tick(now: .milliseconds(500)) == [])
        #expect(health.heard(channel: 0, now: .milliseconds(501)) == [])
        #expect(health.tick(now: .seconds(1)) == [.probe(2)])
        #expect(health.isWell)
    }

    @Test mutating func twoSecondsWithoutHearingItselfAreDeafnessAndTheWayBackHasThreeSteps() {
        for step in 0..<4 { _ = health.tick(now: .milliseconds(500 * step)) }
        #expect(health.tick(now: .seconds(2)) == [.endEpochs, .deaf(since: .zero), .probe(3)])
        #expect(health.isDeaf)
        #expect(health.tick(now: .milliseconds(2500)) == [])
        #expect(health.heard(channel: 0, now: .milliseconds(2600)) == [.resynchronise(generation: 1)])
        // Until last values are here the node is not well, and what it hears meanwhile begins nothing anew.
        #expect(health.isDeaf)
        #expect(health.heard(channel: 0, now: .milliseconds(2700)) == [])
        #expect(health.resynchronised(1, now: .seconds(3)) == [.caughtUp(deafFor: .seconds(3))])
        #expect(health.isWell)
        #expect(!health.isDeaf)
    }

    @Test mutating func aShortCutEndsEpochsAndNobodyIsDeaf() {
        _ = health.tick(now: .zero)
        #expect(health.cut() == [.endEpochs])
        #expect(health.heard(channel: 0, now: .milliseconds(10)) == [])
        #expect(health.connected(now: .milliseconds(100)) == [.resynchronise(generation: 1)])
        #expect(health.resynchronised(1, now: .milliseconds(120)) == [.caughtUp(deafFor: nil)])
    }

    @Test mutating func whoIsDeafAndConnectedAgainAsksAtOnceWhetherItHears() {
        _ = health.cut()
        for step in 0...6 { _ = health.tick(now: .milliseconds(500 * step)) }
        #expect(health.isDeaf)
        #expect(health.connected(now: .milliseconds(3100)) == [.probe(5)])
        #expect(health.heard(channel: 0, now: .milliseconds(3110)) == [.resynchronise(generation: 1)])
    }

    @Test mutating func aCutWhileCatchingUpBeginsAnew() {
        _ = health.cut()
        #expect(health.connected(now: .milliseconds(1)) == [.resynchronise(generation: 1)])
        #expect(health.cut() == [.endEpochs])
        #expect(health.resynchronised(1, now: .milliseconds(2)) == [])
        #expect(health.connected(now: .milliseconds(3)) == [.resynchronise(generation: 2)])
        #expect(health.resynchronised(2, now: .milliseconds(4)) == [.caughtUp(deafFor: nil)])
    }

    @Test mutating func whatCouldNotBeFetchedIsFetchedAgain() {
        _ = health.cut()
        _ = health.connected(now: .milliseconds(1))
        #expect(health.resynchronisationFailed(1, now: .milliseconds(2)) == [.resynchronise(generation: 1)])
    }

    @Test mutating func oneDeafShardOfAClusterIsDeafness() {
        health = BusHealth(rules: .init(), channels: 2, now: .zero)
        _ = health.tick(now: .zero)
        for step in 1...3 {
            _ = health.heard(channel: 0, now: .milliseconds(500 * step))
            _ = health.tick(now: .milliseconds(500 * step))
        }
        #expect(health.tick(now: .seconds(2)).contains(.deaf(since: .zero)) == true)
        #expect(health.heard(channel: 0, now: .milliseconds(2100)) == [])
        #expect(health.heard(channel: 1, now: .milliseconds(2200)) == [.resynchronise(generation: 1)])
    }

    @Test mutating func aNodeThatStoodStillItselfIsNotDeaf() {
        _ = health.tick(now: .zero)
        #expect(health.tick(now: .seconds(60)) == [.probe(2)])
        #expect(!health.isDeaf)
    }
}
