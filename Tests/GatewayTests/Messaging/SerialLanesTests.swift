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

    /// A lane of one that is at work until the gate is opened.
    private func busyLane(capacity: Int = 1000) async -> (lanes: SerialLanes, gate: AsyncStream<Void>.Continuation) {
        let lanes = SerialLanes(count: 1, capacity: capacity)
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        _ = lanes.run(for: "a") {
            begun.continuation.yield()
            for await _ in stream {}
        }
        for await _ in begun.stream { break }
        return (lanes, gate)
    }

    @Test func itemsThatWaitAreDoneTogetherAndKeepTheirOrderWithJobs() async {
        let (lanes, gate) = await busyLane()
        let done = Mutex<[[Int]]>([])
        let joint = JointJob<Int> { items in done.withLock { $0.append(items) } }
        let other = JointJob<Int> { items in done.withLock { $0.append(items.map { -$0 }) } }
        for number in 1...3 {
            #expect(lanes.run(for: "a", number, in: joint))
            #expect(lanes.run(for: "a", number, in: other))
        }
        #expect(lanes.run(for: "a") { done.withLock { $0.append([]) } })
        #expect(lanes.run(for: "a", 4, in: joint))
        gate.finish()
        await lanes.finish()
        #expect(done.withLock { $0 } == [[1, 2, 3], [-1, -2, -3], [], [4]])
        #expect(!lanes.run(for: "a", 5, in: joint))
    }

    @Test func aLaneTakesABoundedNumberOfItems() async {
        let (lanes, gate) = await busyLane(capacity: 2)
        let done = Mutex<[[Int]]>([])
        let joint = JointJob<Int> { items in done.withLock { $0.append(items) } }
        let taken = (0..<200).count { lanes.run(for: "a", $0, in: joint) }
        #expect(taken == 128)
        gate.finish()
        await lanes.finish()
        #expect(done.withLock { $0 } == [Array(0..<64), Array(64..<128)])
    }

    @Test func anItemThatComesWhileOthersAreDoneIsDoneAfterThem() async {
        let lanes = SerialLanes(count: 1)
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        let done = Mutex<[[Int]]>([])
        let joint = JointJob<Int> { items in
            begun.continuation.yield()
            for await _ in stream {}
            done.withLock { $0.append(items) }
        }
        #expect(lanes.run(for: "a", 1, in: joint))
        for await _ in begun.stream { break }
        #expect(lanes.run(for: "a", 2, in: joint))
        #expect(lanes.run(for: "a", 3, in: joint))
        gate.finish()
        await lanes.finish()
        #expect(done.withLock { $0 } == [[1], [2, 3]])
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
