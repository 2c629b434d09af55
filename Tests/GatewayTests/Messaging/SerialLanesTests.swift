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

    // MARK: Patience

    /// A joint job that waits for long, and what it has done.
    private func patientJob(_ patience: Duration = .seconds(3600)) -> (job: JointJob<Int>, done: AsyncStream<[Int]>) {
        let (done, continuation) = AsyncStream.makeStream(of: [Int].self)
        return (JointJob(patience: patience) { continuation.yield($0) }, done)
    }

    @Test func itemsOfAllIdleLanesAreDoneTogether() async {
        let lanes = SerialLanes(count: 16)
        let (job, done) = patientJob(.milliseconds(1))
        #expect(lanes.run(for: "a", 1, in: job))
        for await items in done {
            #expect(items == [1])
            break
        }
        let (full, all) = patientJob()
        // As many as are done at once do not wait for more.
        let count = JointJob<Int>.gatheringSize
        for number in 0..<count { #expect(lanes.run(for: "key \(number)", number, in: full)) }
        for await items in all {
            #expect(items == Array(0..<count))
            break
        }
        await lanes.finish()
    }

    @Test func aJobBehindAnItemDoesNotWaitForMoreOfThem() async {
        let lanes = SerialLanes(count: 16)
        let log = Mutex<[String]>([])
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        let job = JointJob<Int>(patience: .seconds(3600)) { items in
            begun.continuation.yield()
            for await _ in stream {}
            log.withLock { $0.append("\(items)") }
        }
        #expect(lanes.run(for: "a", 1, in: job))
        #expect(lanes.run(for: "b", 2, in: job))
        #expect(lanes.run(for: "a") { log.withLock { $0.append("after 1") } })
        for await _ in begun.stream { break }
        // They are being done: what comes of the same lane now comes after the job behind them.
        #expect(lanes.run(for: "a", 3, in: job))
        gate.finish()
        await lanes.settle(["a", "b"])
        #expect(log.withLock { $0 } == ["[1, 2]", "after 1", "[3]"])
        await lanes.finish()
    }

    @Test func anItemIsDoneAfterThoseOfItsLaneThatAreBeingDone() async {
        let lanes = SerialLanes(count: 1)
        let done = Mutex<[[Int]]>([])
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        let job = JointJob<Int>(patience: .milliseconds(1)) { items in
            begun.continuation.yield()
            for await _ in stream {}
            done.withLock { $0.append(items) }
        }
        #expect(lanes.run(for: "a", 1, in: job))
        for await _ in begun.stream { break }
        #expect(lanes.run(for: "a", 2, in: job))
        #expect(lanes.run(for: "a", 3, in: job))
        gate.finish()
        await lanes.finish()
        #expect(done.withLock { $0 } == [[1], [2, 3]])
    }

    @Test func jointJobsDoNotWaitForOneAnother() async {
        let lanes = SerialLanes(count: 1)
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let slow = JointJob<Int>(patience: .milliseconds(1)) { _ in
            for await _ in stream {}
        }
        let (quick, done) = patientJob(.milliseconds(1))
        #expect(lanes.run(for: "a", 1, in: slow))
        #expect(lanes.run(for: "a", 2, in: quick))
        for await items in done {
            #expect(items == [2])
            break
        }
        gate.finish()
        await lanes.finish()
    }

    @Test func theEndDoesNotWaitForMoreItems() async {
        let lanes = SerialLanes()
        let (job, done) = patientJob()
        #expect(lanes.run(for: "a", 1, in: job))
        await lanes.finish()
        for await items in done {
            #expect(items == [1])
            break
        }
        #expect(!lanes.run(for: "a", 2, in: job))
    }

    /// Whatever comes when, of one key nothing overtakes, nothing is lost, and of two things one at most is done at a time.
    @Test func nothingOfAKeyOvertakes() async {
        let lanes = SerialLanes(count: 3)
        let keys = 7
        let ran = Mutex<[[Int]]>(Array(repeating: [], count: keys))
        let job = JointJob<(key: Int, number: Int)>(patience: .microseconds(50)) { items in
            await Task.yield()
            ran.withLock { ran in for item in items { ran[item.key].append(item.number) } }
        }
        for number in 0..<3000 {
            let key = (number * 31) % keys
            if (number * 17) % 5 < 3 {
                #expect(lanes.run(for: key, (key, number), in: job))
            } else {
                #expect(
                    lanes.run(for: key) {
                        await Task.yield()
                        ran.withLock { $0[key].append(number) }
                    }
                )
            }
            if number.isMultiple(of: 50) { await Task.yield() }
        }
        await lanes.finish()
        let expected = (0..<keys).map { key in (0..<3000).filter { ($0 * 31) % keys == key } }
        #expect(ran.withLock { $0 } == expected)
    }
}
