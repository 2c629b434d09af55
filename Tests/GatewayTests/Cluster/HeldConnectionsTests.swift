import Testing

@testable import Gateway

@Suite("HeldConnections")
struct HeldConnectionsTests {
    private func connected(_ held: inout HeldConnections, _ subject: String, isAnswered: Bool = true) {
        held.begin(subject)
        _ = held.end(subject, change: 1, isAnswered: isAnswered)
    }

    private func left(_ held: inout HeldConnections, _ subject: String, isAnswered: Bool = true) -> Bool {
        held.begin(subject, change: -1)
        return held.end(subject, isAnswered: isAnswered)
    }

    @Test func whatRedisDidNotAnswerIsToldAnewAlsoWhenNothingIsLeft() {
        var held = HeldConnections()
        connected(&held, "a")
        connected(&held, "b", isAnswered: false)
        #expect(held.doubtful == ["b"])
        let isRemembered = left(&held, "a", isAnswered: false)
        #expect(isRemembered)
        #expect(held.doubtful == ["a", "b"])
        for (subject, number) in [("a", 0), ("b", 1)] {
            #expect(held.number(toTell: subject) == number)
            held.told(subject, number)
        }
        #expect(held.doubtful == [])
    }

    @Test func aStepThatCrossesANumberHasItToldAgain() {
        var held = HeldConnections()
        for _ in 0..<2 { connected(&held, "a") }
        held.doubtAll()
        // Begun before and ended after, begun meanwhile, over meanwhile, and the last of them.
        let steps: [(inout HeldConnections) -> Void] = [
            { $0.begin("a") }, { _ = $0.end("a", change: 1, isAnswered: true) }, { _ = self.left(&$0, "a") },
            { held in for _ in 0..<2 { _ = self.left(&held, "a") } },
        ]
        for step in steps {
            let number = held.number(toTell: "a")
            step(&held)
            held.told("a", number)
            #expect(held.doubtful == ["a"])
        }
        #expect(held.number(toTell: "a") == 0)
        held.told("a", 0)
        #expect(held.doubtful == [])
    }

    @Test func thoseWhoHaveGoneAreRememberedUpToABound() {
        var held = HeldConnections(maximum: 2)
        for subject in ["a", "b", "c", "d"] { connected(&held, subject) }
        held.doubtAll()
        var isRemembered = left(&held, "a", isAnswered: false)
        #expect(isRemembered)
        #expect(held.doubtful.count == 4)
        connected(&held, "e")
        isRemembered = left(&held, "e", isAnswered: false)
        #expect(!isRemembered)
        #expect(held.doubtful.count == 4)
    }
}
