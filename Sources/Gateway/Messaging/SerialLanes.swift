import Synchronization

/// Runs what has to wait (a database, other nodes) off the event loops, in order for each key: of one user's messages none overtakes another.
/// Keys share a fixed number of lanes, and each lane takes a bounded number of jobs.
final class SerialLanes: Sendable {
    typealias Job = @Sendable () async -> Void

    private let lanes: [AsyncStream<Job>.Continuation]
    private let tasks: [Task<Void, Never>]

    /// - Parameters:
    ///   - count: How many jobs run at once.
    ///   - capacity: How many wait in one lane at most.
    init(count: Int = 16, capacity: Int = 16_384) {
        let streams = (0..<count).map { _ in AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(capacity)) }
        lanes = streams.map(\.continuation)
        tasks = streams.map { pair in
            Task { for await job in pair.stream { await job() } }
        }
    }

    deinit {
        for lane in lanes { lane.finish() }
    }

    /// Runs `job` after all earlier ones of `key`. Returns `false` where too many are waiting; the job is not run then.
    func run(for key: some Hashable, _ job: @escaping Job) -> Bool {
        run(in: lane(of: key), job)
    }

    /// Waits until the jobs of these keys that are there now have run.
    func settle(_ keys: some Sequence<some Hashable>) async {
        for lane in Set(keys.map { lane(of: $0) }) {
            await withCheckedContinuation { continuation in
                // A full lane is waited for by those who filled it.
                if !run(in: lane, { continuation.resume() }) { continuation.resume() }
            }
        }
    }

    private func lane(of key: some Hashable) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(lanes.count)) }

    private func run(in lane: Int, _ job: @escaping Job) -> Bool {
        if case .enqueued = lanes[lane].yield(job) { return true }
        return false
    }

    /// Takes no more jobs, and waits for those it has.
    func finish() async {
        for lane in lanes { lane.finish() }
        for task in tasks { await task.value }
    }
}
