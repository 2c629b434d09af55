import SocketIOCore
import Testing

@Suite("AckTable")
struct AckTableTests {
    private var table = AckTable<String, Int>()

    @Test mutating func idsCountFromZeroAndAreNotReused() {
        #expect(table.add("a", deadline: 10) == 0)
        #expect(table.add("b", deadline: 10) == 1)
        #expect(table.received(0) == "a")
        #expect(table.add("c", deadline: 10) == 2)
        #expect(table.count == 2)
    }

    @Test mutating func anAckCountsOnce() {
        let id = table.add("a", deadline: 10)
        #expect(table.received(id + 1) == nil)
        #expect(table.received(id) == "a")
        #expect(table.received(id) == nil)
        #expect(table.count == 0)
    }

    @Test mutating func expiryTakesOutWhoseTimeIsOver() {
        let late = table.add("late", deadline: 30)
        _ = table.add("b", deadline: 20)
        let early = table.add("a", deadline: 10)
        _ = table.add("c", deadline: 20)
        #expect(table.deadline == 10)
        #expect(table.expired(now: 9) == [])
        #expect(table.expired(now: 20) == ["b", "a", "c"])
        #expect(table.deadline == 30)
        #expect(table.received(early) == nil)
        #expect(table.received(late) == "late")
        #expect(table.deadline == nil)
    }

    @Test mutating func removeAllGivesThemInOrder() {
        for name in ["a", "b", "c"] { _ = table.add(name, deadline: 1) }
        #expect(table.removeAll() == ["a", "b", "c"])
        #expect(table.count == 0)
        #expect(table.removeAll() == [])
        #expect(table.add("d", deadline: 1) == 3)
    }
}
