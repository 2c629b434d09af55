import EngineIOCore
import Testing

@testable import SocketIOCore

/// What goes where the log as a whole is full: 44 events of these are kept of what is published, and 14 of what clients write.
@Suite("RecoveryLog: the bound of all")
struct RecoveryPoolTests {
    private var log = RecoveryLog<String>(
        retention: .seconds(10),
        maximumBytes: 10_000,
        maximumRoomBytes: 8_000,
        maximumWrittenBytes: 2_500
    ) { $0.hasPrefix("group:") }

    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// Logs an event named by its position.
    private mutating func append(_ rooms: String..., at seconds: Int = 0, bytes: Int = 10) {
        _ = log.append(for: RecoveryAudience(rooms: Set(rooms)), now: at(seconds)) { ("\($0)", bytes) }
    }

    private func missed(_ rooms: [String: UInt64] = [:], after position: UInt64, receivedUntil seconds: Int? = nil) -> [String]? {
        let reader = RecoveryReader(socketID: "me", connectedAt: 0, rooms: rooms, receivedUntil: seconds.map(at))
        return try? log.missed(by: reader, after: position, upTo: .max).map(\.packet)
    }

    @Test mutating func aBigRoomGoesBeforeSmallOnesThatAreOlder() {
        for number in 0..<20 { append("small \(number)") }  // 1…20
        for _ in 0..<100 { append("big") }  // 21…120
        #expect(log.byteCount <= 7_500)
        #expect(log.count == 44)
        #expect((0..<20).allSatisfy { missed(["small \($0)": 0], after: 0) == ["\($0 + 1)"] })
        #expect(missed(["big": 0], after: 0) == nil)
        #expect(missed(["big": 0], after: 95) == nil)
        #expect(missed(["big": 0], after: 96) == (97...120).map { "\($0)" })
        #expect(missed(["big": 96], after: 0)?.count == 24)
        #expect(missed(after: 0) == [])
    }

    @Test mutating func ofTwoBigRoomsBothGiveWay() {
        append("small")  // 1
        for _ in 0..<200 {
            append("big")
            append("large")
        }
        #expect(missed(["small": 0], after: 0) == ["1"])
        for room in ["big", "large"] {
            #expect(missed([room: 350], after: 0) == nil)
            #expect(missed([room: 365], after: 0)?.count == 18)
        }
    }

    @Test mutating func whatClientsWriteTakesNothingFromWhatIsPublished() {
        for _ in 0..<5 { append("trade:A") }  // 1…5
        append()  // 6
        for number in 0..<1_000 { append("group:\(number % 300)") }  // 7…1006
        append("trade:A")  // 1007
        #expect(log.written.evictions == 986)
        #expect(log.published.evictions == 0)
        #expect(log.byteCount <= 10_000)
        #expect(missed(["trade:A": 0], after: 0) == ["1", "2", "3", "4", "5", "6", "1007"])
        #expect(missed(after: 0) == ["6"])
        for number in 0..<300 { #expect(missed(["trade:A": 0, "group:\(number)": 0], after: 0) == nil) }
        // Who was not in the group yet, or has seen what is gone, misses nothing: its last two are 706 and 1006.
        #expect(missed(["group:99": 705], after: 6) == nil)
        #expect(missed(["group:99": 706], after: 6) == ["1006"])
        #expect(missed(["group:99": 0], after: 706) == ["1006"])
        #expect(missed(["group:300": 0], after: 6) == [])
    }

    @Test mutating func whatIsPublishedTakesNothingFromClients() {
        append("group:a")  // 1
        for number in 0..<100 { append("trade:\(number)") }
        #expect(log.published.evictions == 56)
        #expect(missed(["group:a": 0], after: 0) == ["1"])
        #expect(missed(["trade:55": 0], after: 0) == nil)
        #expect(missed(["trade:56": 0], after: 0) == ["58"])
    }

    @Test mutating func anEventForBothIsInBoth() {
        append("trade:A", "group:a")  // 1
        for _ in 0..<100 { append("group:b", bytes: 2_000) }
        for _ in 0..<20 { append("group:c") }
        #expect(log.published.count == 1)
        #expect(missed(["trade:A": 0], after: 0) == ["1"])
        // For more rooms than are kept each by itself.
        let written = log.written.count
        append("group:1", "group:2", "group:3", "group:4", "group:5")  // 122
        #expect(log.written.count == written)
        #expect(missed(["group:4": 0], after: 0) == ["122"])
    }

    @Test mutating func aMarkWithoutEntriesEndsWithItsTime() {
        append("a", bytes: 8_000)  // 1
        #expect(log.count == 0)
        #expect(log.published.marks == 1)
        #expect(missed(["a": 0], after: 0) == nil)
        #expect(missed(["b": 0], after: 0) == [])
        append("b", at: 5)  // 2
        log.removeExpired(now: at(10))
        #expect(missed(["a": 0, "b": 0], after: 0) == nil)
        log.removeExpired(now: at(11))
        #expect(missed(["a": 0, "b": 0], after: 0) == ["2"])
        #expect(log.published.marks == 0)
        log.removeExpired(now: at(16))
        #expect(log.published.shelves.isEmpty)
        #expect(log.published.order.isEmpty)
    }

    /// Of a room that goes on, the mark stands for the last that was taken out, and goes with it.
    @Test mutating func aMarkBeforeEntriesEndsWithItsTimeToo() {
        append("a", bytes: 8_000)  // 1
        append("a", at: 5)  // 2
        append("a", at: 9)  // 3
        log.removeExpired(now: at(10))
        #expect(missed(["a": 0], after: 0) == nil)
        #expect(missed(["a": 0], after: 1) == ["2", "3"])
        #expect(missed(["a": 0], after: 0, receivedUntil: 1) == ["2", "3"])
        log.removeExpired(now: at(16))
        #expect(missed(["a": 0], after: 0) == ["3"])
    }

    /// Publishers look at the clock before they have their place.
    @Test mutating func timeGoesByThePlaces() {
        append("a", at: 5, bytes: 8_000)  // 1
        append("a", at: 4, bytes: 8_000)  // 2
        #expect(missed(["a": 0], after: 0, receivedUntil: 5) == nil)
        #expect(missed(["a": 0], after: 0, receivedUntil: 6) == [])
        log.removeExpired(now: at(15))
        #expect(missed(["a": 0], after: 0) == nil)
        log.removeExpired(now: at(16))
        #expect(missed(["a": 0], after: 0) == [])
    }

    @Test mutating func namesDoNotPileUp() {
        for number in 0..<100_000 {
            append("room \(number % 1_000)", at: number / 10_000, bytes: number % 7 * 100)
            guard number % 1_000 == 0 else { continue }
            #expect(log.published.order.count <= 2 * (44 + 1_000) + 64)
            #expect(log.published.sizes.count <= 2 * 1_000 + 64)
            #expect(log.published.shelves.count <= 1_000)
        }
        #expect(log.count + log.evictions == 100_000)
        append("other", at: 100)
        #expect(log.count == 1)
        #expect(log.published.marks == 0)
        #expect(log.published.order.count == 1)
        #expect(log.published.sizes.count <= 66)
    }

    /// Rooms grow, have a name of each size, and go with their time.
    @Test mutating func namesOfSizesDoNotPileUpWhereNothingIsEvicted() {
        for number in 0..<20_000 {
            append("room \(number / 4)", at: number / 3)
            #expect(log.published.sizes.count <= 100)
            #expect(log.published.order.count == log.count)
        }
        #expect(log.evictions == 0)
        #expect((20...44).contains(log.count))
    }

    /// There is a bound on marks as well. Over it nobody is told that nothing was missed where something may have been.
    @Test mutating func ofMoreRoomsThanHaveMarksItIsKnownTogether() {
        let marks = RecoveryPool<String>.maximumMarks
        let rooms = marks + 1_000
        for number in 0..<rooms { append("room \(number)") }
        let last = UInt64(rooms - 44)
        #expect(log.published.marks == marks)
        #expect(log.published.order.count <= 2 * (marks + 44) + 64)
        for number in [0, 1, marks - 1, marks, marks + 1, rooms - 45] {
            #expect(missed(["room \(number)": 0], after: 0) == nil)
            #expect(missed(["room \(number)": 0], after: UInt64(number)) == nil)
        }
        #expect(missed(after: last - 1) == nil)
        #expect(missed(after: last) == [])
        #expect(missed(["room \(rooms - 1)": 0], after: last) == ["\(rooms)"])
        append("other", at: 11)
        #expect(log.published.marks == 0)
        #expect(missed(["room 0": 0, "room \(marks)": 0], after: 0) == [])
    }
}
