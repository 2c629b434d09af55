import EngineIOCore
import Testing

@testable import Gateway

@Suite("DuplicateFilter")
struct DuplicateFilterTests {
    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    @Test func anIDIsNewOnceAWindow() {
        var filter = DuplicateFilter(window: .seconds(120), capacity: 10)
        #expect(filter.isNew("a", now: at(0)) == true)
        #expect(filter.isNew("b", now: at(1)) == true)
        #expect(filter.isNew("a", now: at(119)) == false)
        // From the first time it came: a repeat does not prolong it.
        #expect(filter.isNew("a", now: at(120)) == true)
        #expect(filter.isNew("b", now: at(120)) == false)
        #expect(filter.isNew("b", now: at(121)) == true)
        #expect(filter.count == 2)
    }

    @Test func beyondItsCapacityTheOldestIsForgotten() {
        var filter = DuplicateFilter(window: .seconds(120), capacity: 3)
        for id in ["a", "b", "c", "d"] { #expect(filter.isNew(id, now: at(0)) == true) }
        #expect(filter.count == 3)
        // A repeat displaces nothing, not even where it is the oldest itself.
        for id in ["b", "c", "d"] { #expect(filter.isNew(id, now: at(0)) == false) }
        #expect(filter.count == 3)
        #expect(filter.isNew("a", now: at(0)) == true)
    }

    @Test func whatIsForgottenTakesNoMemory() {
        var filter = DuplicateFilter(window: .seconds(1), capacity: 1_000_000)
        for number in 0..<10_000 { #expect(filter.isNew("\(number)", now: at(Int64(number))) == true) }
        #expect(filter.count == 1)
        #expect(filter.isNew("9999", now: at(9_999)) == false)
    }
}
