import EngineIOCore
import TestSupport
import Testing

@testable import SocketIOCore

@Suite("RecoveryLog")
struct RecoveryLogTests {
    private var log = RecoveryLog<String>(retention: .seconds(10), maximumBytes: 10_000, maximumRoomBytes: 1_000)

    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// Logs an event named by its position.
    private mutating func append(_ audience: RecoveryAudience, at seconds: Int = 0, bytes: Int = 10) {
        _ = log.append(for: audience, now: at(seconds)) { ("\($0)", bytes) }
    }

    private mutating func append(_ rooms: String..., except: Set<String> = [], at seconds: Int = 0, bytes: Int = 10) {
        append(RecoveryAudience(rooms: Set(rooms), except: except), at: seconds, bytes: bytes)
    }

    private func missed(_ rooms: [String: UInt64] = [:], after position: UInt64, upTo last: UInt64 = .max, connectedAt: UInt64 = 0)
        -> [String]?
    {
        let reader = RecoveryReader(socketID: "me", connectedAt: connectedAt, rooms: rooms)
        return try? log.missed(by: reader, after: position, upTo: last).map(\.packet)
    }

    @Test mutating func aReaderMissesWhatWasForItInOrder() {
        append()  // 1
        append("a")  // 2
        append("b")  // 3
        append(RecoveryAudience(socketID: "me"))  // 4
        append(RecoveryAudience(socketID: "other"))  // 5
        append("me")  // 6
        append("a", "b")  // 7
        append("b", "c")  // 8
        append("b", "me")  // 9
        #expect(missed(["a": 0], after: 0) == ["1", "2", "4", "6", "7", "9"])
        #expect(missed(["a": 0], after: 4) == ["6", "7", "9"])
        #expect(missed(["a": 0], after: 4, upTo: 7) == ["6", "7"])
        #expect(missed(after: 9) == [])
        #expect(log.position == 9)
    }

    @Test mutating func whatTheBoundTookOutIsForgottenWithItsTime() {
        for _ in 0..<100 { append() }
        #expect(log.evictions > 0)
        #expect(missed(after: 0) == nil)
        append("a", at: 11)
        #expect(missed(["a": 0], after: 0) == ["101"])
    }

    @Test mutating func whoWasThereWhenTheBoundsTookSomethingOutMissesNothing() throws {
        append("quiet", at: 0)  // 1
        for _ in 0..<200 { append("busy", at: 2) }
        append("quiet", at: 5)  // 202
        for number in 0..<100 { append("room \(number)", at: 6) }
        #expect(log.evictions > 200)
        append("quiet", at: 7)  // 303
        func missed(since seconds: Int?, _ rooms: [String: UInt64]) -> [String]? {
            let reader = RecoveryReader(socketID: "me", connectedAt: 0, rooms: rooms, receivedUntil: seconds.map(at))
            return try? log.missed(by: reader, after: 202, upTo: .max).map(\.packet)
        }
        // What was taken out of these it has seen, and what was taken out of others was not for it.
        let rooms: [String: UInt64] = ["quiet": 0, "busy": 0]
        #expect(missed(since: nil, rooms) == ["303"])
        // The first of the others is gone, with its event of the time 6.
        let more = rooms.merging(["room 0": 0]) { $1 }
        #expect(missed(since: nil, more) == nil)
        #expect(missed(since: 2, more) == nil)
        #expect(missed(since: 6, more) == nil)
        #expect(missed(since: 7, more) == ["303"])
    }

    @Test mutating func aBusyRoomLeavesNoMoreNamesThanEvents() {
        append("quiet")  // 1
        for _ in 0..<10_000 { append("busy") }
        #expect(log.count < 10)
        #expect(log.published.order.count < 100)
        #expect(log.published.sizes.count < 100)
        #expect(missed(["quiet": 0], after: 0) == ["1"])
        #expect(missed(["busy": 0], after: 9_999) == ["10000", "10001"])
        // Their time comes as before.
        append("other", at: 11)
        #expect(log.count == 1)
        #expect(log.published.order.count == 1)
    }

    @Test mutating func whoIsLeftOutMissesNothing() {
        append(except: ["me"])  // 1
        append("a", except: ["b"])  // 2
        append("a", "c", except: ["me"])  // 3
        append("a", except: ["other"])  // 4
        #expect(missed(["a": 0], after: 0) == ["2", "4"])
        #expect(missed(["a": 0, "b": 0], after: 0) == ["4"])
    }

    @Test mutating func nothingFromBeforeAJoinOrTheSessionIsMissed() {
        append()  // 1
        append("a")  // 2
        append("a", "z")  // 3
        append("a")  // 4
        append()  // 5
        #expect(missed(["a": 3], after: 0) == ["1", "4", "5"])
        #expect(missed(["a": 3], after: 0, connectedAt: 4) == ["5"])
    }

    @Test mutating func afterAQuietTimeThePlaceIsKnownAlthoughItsEventIsForgotten() {
        append("a")  // 1
        append("b", at: 20)  // 2
        #expect(log.count == 1)
        #expect(missed(["a": 0], after: 1) == [])
        log.removeExpired(now: at(40))
        #expect(log.count == 0)
        #expect(log.byteCount == 0)
        #expect(missed(["a": 0], after: 1) == [])
        #expect(log.evictions == 0)
    }

    @Test mutating func aBusyRoomForgetsItsOwnEventsOnly() {
        append("quiet")  // 1
        for _ in 0..<20 { append("busy") }  // 2…21
        #expect(log.evictions > 0)
        #expect(missed(["quiet": 0], after: 0) == ["1"])
        #expect(missed(["busy": 0], after: 1) == nil)
        #expect(missed(["busy": 0, "quiet": 0], after: 1) == nil)
        // Who has seen what is gone, or was not there, misses only what is left.
        let kept = log.count - 1
        #expect(missed(["busy": 0], after: 21 - UInt64(kept))?.count == kept)
        #expect(missed(["busy": 0], after: 20 - UInt64(kept)) == nil)
        #expect(missed(["busy": 21 - UInt64(kept)], after: 0)?.count == kept)
        #expect(missed(after: 0) == [])
    }

    @Test mutating func theNewestEventOfARoomStaysWhateverItsSize() {
        append("a", bytes: 5_000)  // 1
        #expect(missed(["a": 0], after: 0) == ["1"])
        append("a", bytes: 10)  // 2
        #expect(missed(["a": 0], after: 0) == nil)
        #expect(missed(["a": 0], after: 1) == ["2"])
    }

    @Test mutating func overTheBoundOfAllTheOldestGoesAndWhoNeedsItIsTold() {
        for number in 0..<200 { append("room \(number)") }
        #expect(log.byteCount <= 10_000)
        #expect(log.count + log.evictions == 200)
        let gone = log.evictions
        #expect(missed(["room 0": 0], after: 0) == nil)
        #expect(missed(["room \(gone - 1)": 0], after: 0) == nil)
        #expect(missed(["room \(gone - 1)": 0], after: UInt64(gone)) == [])
        #expect(missed(["room \(gone)": 0], after: 0) == ["\(gone + 1)"])
        #expect(missed(["room 199": 0], after: 0) == ["200"])
        // Who was in none of the rooms misses nothing.
        #expect(missed(after: 0) == [])
        // One that is over the bound by itself is logged and forgotten, and takes nothing with it.
        append(bytes: 20_000)
        #expect(log.count == 200 - gone)
        #expect(log.evictions == gone + 1)
        #expect(missed(after: 200) == nil)
        #expect(missed(["room 199": 0], after: 199) == nil)
        #expect(missed(after: 201) == [])
    }

    /// What the two bounds and time take out together never makes a gap, and never loses what a reader could have had.
    @Test(arguments: [11, 12, 13] as [UInt64])
    mutating func againstAModel(_ seed: UInt64) {
        let writable: Set = ["c", "d"]
        log = RecoveryLog(retention: .seconds(10), maximumBytes: 10_000, maximumRoomBytes: 1_000, maximumWrittenBytes: 4_000) {
            writable.contains($0)
        }
        var generator = SeededGenerator(seed: seed)
        let rooms = ["a", "b", "c", "d"]
        var (answers, events) = (0, 0)
        var all: [(audience: RecoveryAudience, time: Int)] = []
        var time = 0
        for step in 0..<4_000 {
            if step % 7 == 0 { time += Int.random(in: 0...1, using: &generator) }
            let chosen = Set((0..<Int.random(in: 0...2, using: &generator)).compactMap { _ in rooms.randomElement(using: &generator) })
            let isForOne = Int.random(in: 0..<8, using: &generator) == 0
            let audience = isForOne ? RecoveryAudience(socketID: "me") : RecoveryAudience(rooms: chosen)
            append(audience, at: time, bytes: Int.random(in: 0...400, using: &generator))
            all.append((audience, time))
            let after = UInt64(max(0, all.count - Int.random(in: 0...30, using: &generator)))
            let joined = rooms.filter { _ in Bool.random(using: &generator) }
            let isAll = joined.reduce(into: [String: UInt64]()) { $0[$1] = UInt64(Int.random(in: 0...all.count, using: &generator)) }
            let expected = all.indices.filter { index in
                let position = UInt64(index + 1)
                guard position > after, all[index].time + 10 >= time else { return false }
                func isMember(_ room: String) -> Bool { isAll[room].map { $0 < position } ?? false }
                return switch all[index].audience.topic {
                case .everyone, .socket: true
                case .room(let room): isMember(room)
                case .several: all[index].audience.rooms.contains(where: isMember)
                }
            }
            guard let found = missed(isAll, after: after) else { continue }
            #expect(found == expected.map { "\($0 + 1)" })
            answers += 1
            events += found.count
        }
        #expect(log.byteCount <= 10_000)
        #expect(log.published.evictions > 0)
        #expect(log.written.evictions > 0)
        // A log that refuses everybody never says anything wrong either. About two of five are answered.
        #expect(answers > 800)
        #expect(events > 2_000)
    }

    @Test mutating func moreThanIsAskedForIsNotLookedAt() throws {
        append("a", bytes: 100)  // 1
        append("a", "b", bytes: 100)  // 2
        append("b", bytes: 100)  // 3
        let reader = RecoveryReader(socketID: "me", connectedAt: 0, rooms: ["a": 0, "b": 0])
        // The second event is kept twice, and counts once.
        #expect(try log.missed(by: reader, after: 0, upTo: .max, maximumBytes: 300).map(\.position) == [1, 2, 3])
        #expect(throws: RecoveryLogError.tooMuch) { try log.missed(by: reader, after: 0, upTo: .max, maximumBytes: 299) }
        #expect(try log.missed(by: reader, after: 1, upTo: .max, maximumBytes: 200).map(\.position) == [2, 3])
        #expect(throws: RecoveryLogError.tooMuch) { try log.missed(by: reader, after: 0, upTo: .max, maximumBytes: 0) }
        #expect(throws: RecoveryLogError.tooMuch) { try log.missed(by: reader, after: 0, upTo: .max, maximumBytes: -1) }
        #expect(try log.missed(by: reader, after: 3, upTo: .max, maximumBytes: 0).isEmpty)
    }
}
