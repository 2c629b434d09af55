import Testing

@testable import EngineIO

@Suite("Outlets")
struct OutletsTests {
    private var outlets = Outlets()

    @Test mutating func anEntryBeginsClosedAndIsUsedAgain() {
        let first = outlets.reserve()
        let second = outlets.reserve()
        #expect(first != second)
        outlets[first].takesFrames = true
        outlets[first].descriptor = 7
        outlets[first].isDirty = true
        #expect(!outlets[second].takesFrames && outlets[second].descriptor == -1)
        outlets.release(first)
        #expect(outlets.reserve() == first)
        #expect(!outlets[first].takesFrames && !outlets[first].isDirty)
        #expect(outlets[first].descriptor == -1)
        #expect(outlets[first].cursor == .none)
        #expect(outlets.session(first) == nil)
    }

    @Test func anEntryIsSmall() {
        #expect(MemoryLayout<Outlets.Entry>.stride == 12)
    }
}
