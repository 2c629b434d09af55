import EngineIOCore
import SocketIOCore
import Testing

@Suite("ClusterRequests and ClusterMembers")
struct ClusterRequestsTests {
    private var requests = ClusterRequests<String, String>(maximumCount: 3)

    private func line(_ finished: ClusterRequests<String, String>.Finished?) -> String? {
        finished.map { "\($0.waiter): \($0.answers), \($0.missing) missing" }
    }

    @Test mutating func theLastAnswerEndsARequest() {
        #expect(requests.add("1", servers: ["a", "b"], answers: ["own"], waiter: "w") == true)
        #expect(line(requests.answered("1", by: "a", ["x", "y"])) == nil)
        #expect(line(requests.answered("2", by: "b", ["z"])) == nil)
        #expect(line(requests.answered("1", by: "b", [])) == #"w: ["own", "x", "y"], 0 missing"#)
        #expect(requests.count == 0)
        #expect(line(requests.answered("1", by: "b", ["late"])) == nil)
    }

    @Test mutating func whereOnlyTheNumberIsKnownAnyAnswerCounts() {
        #expect(requests.add("1", servers: [], unnamed: 2, waiter: "w") == true)
        #expect(line(requests.answered("1", by: "a", ["x"])) == nil)
        #expect(line(requests.answered("1", by: "b", ["y"])) == #"w: ["x", "y"], 0 missing"#)
    }

    @Test mutating func clientsAreWaitedForWhereTheirServerPromisesThem() {
        #expect(requests.add("1", servers: ["a", "b"], due: 1, waiter: "w") == true)
        #expect(line(requests.answered("1", "own")) == nil)
        #expect(line(requests.answered("1", by: "a", promising: 2)) == nil)
        #expect(line(requests.answered("1", "x")) == nil)
        #expect(line(requests.answered("1", by: "b", promising: 0)) == nil)
        #expect(line(requests.answered("1", "y")) == #"w: ["own", "x", "y"], 0 missing"#)
    }

    @Test mutating func whereNobodyKnowsWhoAnswersOnlyTheTimeEndsARequest() {
        #expect(requests.add("1", servers: ["a"], isOpen: true, waiter: "w") == true)
        #expect(line(requests.answered("1", by: "a", promising: 0)) == nil)
        #expect(line(requests.answered("1", by: "?", promising: 1)) == nil)
        #expect(line(requests.answered("1", "x")) == nil)
        #expect(line(requests.timedOut("1")) == #"w: ["x"], 0 missing"#)
    }

    @Test mutating func nobodyWaitsForWhoHasGone() {
        #expect(requests.add("1", servers: ["a", "b"], waiter: "v") == true)
        #expect(requests.add("2", servers: ["a"], waiter: "w") == true)
        let ended = requests.removed(server: "a")
        #expect(ended.map { line($0) } == ["w: [], 0 missing"])
        #expect(line(requests.answered("1", by: "b", ["x"])) == #"v: ["x"], 0 missing"#)
    }

    @Test mutating func whenTheTimeIsOverWhatHasComeIsGiven() {
        #expect(requests.add("1", servers: ["a", "b"], waiter: "w") == true)
        #expect(line(requests.answered("1", by: "a", ["x"])) == nil)
        #expect(line(requests.timedOut("1")) == #"w: ["x"], 1 missing"#)
        #expect(line(requests.timedOut("1")) == nil)
    }

    @Test mutating func theirNumberIsBounded() {
        for number in 1...3 {
            let isAccepted = requests.add("\(number)", servers: ["a"], waiter: "\(number)")
            #expect(isAccepted)
        }
        #expect(requests.add("4", servers: ["a"], waiter: "4") == false)
        let unanswered = requests.removeAll()
        #expect(unanswered.map { line($0) } == (1...3).map { "\($0): [], 1 missing" })
        #expect(requests.add("4", servers: ["a"], waiter: "4") == true)
    }

    @Test func aSilentServerIsTakenForGone() {
        func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000) }
        var members = ClusterMembers(timeout: .seconds(10))
        members.seen("a", now: at(0))
        members.seen("b", now: at(5))
        members.seen("c", now: at(5))
        #expect(members.names == ["a", "b", "c"])
        #expect(members.expire(now: at(10)) == [])
        #expect(members.expire(now: at(11)) == ["a"])
        members.remove("b")
        members.seen("c", now: at(12))
        #expect(members.expire(now: at(20)) == [])
        #expect(members.count == 1)
    }
}
