import Synchronization
import Testing

@testable import Gateway

@Suite("SerialLanes", .timeLimit(.minutes(1)))
struct SerialLanesTests {
    @Test func jobsOfOneKeyRunOneAfterTheOtherInTheirOrder() async {
        let lanes = SerialLanes(count: 4)
        let ran = Mutex<[String: [Int]]>([:])
        for number in 0..<500 {
            for key in ["a", "b", "c"] {
                #expect(
                    lanes.run(for: key) {
                        await Task.yield()
                        ran.withLock { $0[key, default: []].append(number) }
                    }
                )
            }
        }
        await lanes.finish()
        #expect(ran.withLock { $0 } == ["a": Array(0..<500), "b": Array(0..<500), "c": Array(0..<500)])
    }

    @Test func aFullLaneRefusesAndTheOthersDoNot() async {
        let lanes = SerialLanes(count: 1, capacity: 2)
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        #expect(
            lanes.run(for: "a") {
                begun.continuation.yield()
                for await _ in stream {}
            }
        )
        for await _ in begun.stream { break }
        // The lane is at work: as many as its capacity wait.
        let taken = (0..<4).map { _ in lanes.run(for: "a") {} }
        #expect(taken == [true, true, false, false])
        gate.finish()
        await lanes.finish()
        #expect(!lanes.run(for: "a") {})
    }

    @Test func whoSettlesWaitsForTheJobsThatAreThere() async {
        let lanes = SerialLanes(count: 2)
        let ran = Mutex(0)
        for key in 0..<100 {
            _ = lanes.run(for: key) {
                await Task.yield()
                ran.withLock { $0 += 1 }
            }
        }
        await lanes.settle(0..<100)
        #expect(ran.withLock { $0 } == 100)
        await lanes.finish()
        // Nobody waits for lanes that take nothing any more.
        await lanes.settle(["a"])
    }
}
