import EngineIOCore
import Testing

@testable import Gateway

@Suite("ChannelMerge")
struct ChannelMergeTests {
    private var merge = ChannelMerge(window: .seconds(10), capacity: 8)

    private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

    @Test(arguments: [
        // The same thing said three times, each time on both channels, in any order: it counts three times.
        "rtrtrt", "rrrttt", "tttrrr", "rttrtr", "trrtrt",
    ])
    func whatComesByBothWaysCountsOnce(_ order: String) {
        var merge = ChannelMerge(window: .seconds(10), capacity: 8)
        var new = 0
        for way in order where merge.isNew(1, by: way == "r" ? .room : .type, now: at(0)) { new += 1 }
        #expect(new == 3)
    }

    @Test mutating func whatComesByOneWayOnlyCountsEachTime() {
        for time in 0..<5 { #expect(merge.isNew(1, by: .room, now: at(Int64(time))) == true) }
    }

    @Test mutating func contentsAreToldApart() {
        #expect(merge.isNew(1, by: .room, now: at(0)) == true)
        #expect(merge.isNew(2, by: .type, now: at(0)) == true)
        #expect(merge.isNew(2, by: .room, now: at(0)) == false)
    }

    @Test mutating func afterTheWindowNothingIsRemembered() {
        #expect(merge.isNew(1, by: .room, now: at(0)) == true)
        #expect(merge.isNew(1, by: .type, now: at(9_999)) == false)
        #expect(merge.isNew(2, by: .type, now: at(19_999)) == true)
        #expect(merge.count == 1)
        #expect(merge.isNew(1, by: .type, now: at(20_000)) == true)
    }

    @Test mutating func noMoreIsRememberedThanTheCapacity() {
        for content in 0..<100 { _ = merge.isNew(content, by: .room, now: at(0)) }
        #expect(merge.count <= 8)
    }
}
