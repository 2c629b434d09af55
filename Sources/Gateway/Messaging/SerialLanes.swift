/// Runs what has to wait (a database, other nodes) off the event loops, in order for each key: of one user's messages none overtakes another.
/// Keys share a fixed number of lanes, and each lane takes a bounded number of jobs.
final class SerialLanes: Sendable {
    typealias Job = @Sendable () async -> Void

    private let lanes: [SerialLane]

    /// - Parameters:
    ///   - count: How many jobs run at once.
    ///   - capacity: How many jobs wait in one lane at most; items that a joint job does together are one.
    init(count: Int = 16, capacity: Int = 16_384) {
        lanes = (0..<count).map { _ in SerialLane(capacity: capacity) }
    }

    /// Runs `job` after all earlier ones of `key`. Returns `false` where too many are waiting; the job is not run then.
    func run(for key: some Hashable, _ job: @escaping Job) -> Bool {
        lane(of: key).run(job)
    }

    /// Has `job` do `item` after all earlier ones of `key`, together with other items: what a database or a loop is asked for many of them
    /// costs little more than for one. The jobs of ``run(for:_:)`` keep their order with all items; joint jobs do not wait for one another.
    /// Returns `false` where too many are waiting; the item is not done then.
    ///
    /// Together are done those that wait in one lane, and where the job has ``JointJob/patience`` those of all lanes that have nothing
    /// else to do.
    func run<Item: Sendable>(for key: some Hashable, _ item: Item, in job: JointJob<Item>) -> Bool {
        let lane = lane(of: key)
        return job.gather(item, from: lane) || lane.run(item, in: job)
    }

    /// Waits until the jobs of these keys that are there now have run.
    func settle(_ keys: some Sequence<some Hashable>) async {
        for index in Set(keys.map { index(of: $0) }) {
            await withCheckedContinuation { continuation in
                // A full lane is waited for by those who filled it.
                if !lanes[index].run({ continuation.resume() }) { continuation.resume() }
            }
        }
    }

    private func index(of key: some Hashable) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(lanes.count)) }

    private func lane(of key: some Hashable) -> SerialLane { lanes[index(of: key)] }

    /// Takes no more jobs, and waits for those it has.
    func finish() async {
        for lane in lanes { lane.close() }
        for lane in lanes { await lane.untilIdle() }
    }
}
