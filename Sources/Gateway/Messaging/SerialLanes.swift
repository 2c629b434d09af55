import Synchronization

/// Runs what has to wait (a database, other nodes) off the event loops, in order for each key: of one user's messages none overtakes another.
/// Keys share a fixed number of lanes, and each lane takes a bounded number of jobs.
final class SerialLanes: Sendable {
    typealias Job = @Sendable () async -> Void

    private let lanes: [Lane]
    private let tasks: [Task<Void, Never>]

    /// - Parameters:
    ///   - count: How many jobs run at once.
    ///   - capacity: How many jobs wait in one lane at most; items that a joint job does together are one.
    init(count: Int = 16, capacity: Int = 16_384) {
        let streams = (0..<count).map { _ in AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(capacity)) }
        lanes = streams.map { Lane($0.continuation) }
        tasks = streams.map { pair in
            Task { for await job in pair.stream { await job() } }
        }
    }

    deinit {
        for lane in lanes { lane.finish() }
    }

    /// Runs `job` after all earlier ones of `key`. Returns `false` where too many are waiting; the job is not run then.
    func run(for key: some Hashable, _ job: @escaping Job) -> Bool {
        lane(of: key).run(job)
    }

    /// Has `job` do `item` after all earlier ones of `key`, together with other items of the job that wait in the lane: what a database or a
    /// loop is asked for many of them costs little more than for one. The jobs of ``run(for:_:)`` keep their order with all items; joint jobs
    /// do not wait for one another. Returns `false` where too many are waiting; the item is not done then.
    func run<Item: Sendable>(for key: some Hashable, _ item: Item, in job: JointJob<Item>) -> Bool {
        lane(of: key).run(item, in: job)
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

    private func lane(of key: some Hashable) -> Lane { lanes[index(of: key)] }

    /// Takes no more jobs, and waits for those it has.
    func finish() async {
        for lane in lanes { lane.finish() }
        for task in tasks { await task.value }
    }
}

/// A job that does several items at once where they come faster than it is done.
final class JointJob<Item: Sendable>: Sendable {
    fileprivate let body: @Sendable ([Item]) async -> Void

    init(_ body: @escaping @Sendable (_ items: [Item]) async -> Void) {
        self.body = body
    }
}

/// One lane: jobs that run one after the other.
private final class Lane: Sendable {
    /// Items of one joint job that wait for their turn. Guarded by the lane's lock.
    ///
    /// `@unchecked Sendable`: touched under that lock only.
    private class Batch: @unchecked Sendable {}

    private final class BatchOf<Item: Sendable>: Batch, @unchecked Sendable {
        let job: JointJob<Item>
        var items: [Item]

        init(_ job: JointJob<Item>, _ item: Item) {
            self.job = job
            items = [item]
        }
    }

    /// So many items at most are done at once: those behind them should not wait for long.
    private static let batchSize = 64

    private let jobs: AsyncStream<SerialLanes.Job>.Continuation
    /// The batches that take items: of each joint job at most one, with no other job behind it.
    private let open = Mutex<[Batch]>([])

    init(_ jobs: AsyncStream<SerialLanes.Job>.Continuation) {
        self.jobs = jobs
    }

    func finish() { jobs.finish() }

    func run(_ job: @escaping SerialLanes.Job) -> Bool {
        open.withLock { open in
            open.removeAll(keepingCapacity: true)
            return enqueue(job)
        }
    }

    func run<Item: Sendable>(_ item: Item, in job: JointJob<Item>) -> Bool {
        open.withLock { open in
            for case let batch as BatchOf<Item> in open where batch.job === job {
                batch.items.append(item)
                if batch.items.count == Self.batchSize { open.removeAll { $0 === batch } }
                return true
            }
            let batch = BatchOf(job, item)
            let isTaken = enqueue { [self] in await job.body(close(batch)) }
            if isTaken { open.append(batch) }
            return isTaken
        }
    }

    /// The batch's turn has come.
    private func close<Item>(_ batch: BatchOf<Item>) -> [Item] {
        open.withLock { open in
            open.removeAll { $0 === batch }
            return batch.items
        }
    }

    private func enqueue(_ job: @escaping SerialLanes.Job) -> Bool {
        if case .enqueued = jobs.yield(job) { return true }
        return false
    }
}
