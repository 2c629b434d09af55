import NIOCore
import Synchronization

/// One lane of ``SerialLanes``: jobs that run one after the other.
///
/// A lane without jobs may be held by gatherings, each of which does items of this lane and of others together: then jobs wait until all
/// of them are done.
final class SerialLane: Sendable {
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

    private struct State {
        var jobs = CircularBuffer<SerialLanes.Job>()
        var isRunning = false
        /// Of each joint job at most two, one that is being done and the next. Where jobs wait, these came before them.
        var holders: [any Gathering] = []
        /// The batches that take items: of each joint job at most one, with no other job behind it.
        var open: [Batch] = []
        var isClosed = false
        var idle: [CheckedContinuation<Void, Never>] = []

        var isIdle: Bool { !isRunning && holders.isEmpty && jobs.isEmpty }

        /// Whether somebody has to run the jobs now.
        mutating func begins() -> Bool {
            guard !isRunning, holders.isEmpty, !jobs.isEmpty else { return false }
            isRunning = true
            return true
        }

        /// Who waits for the lane to be idle and need not any longer.
        mutating func awakened() -> [CheckedContinuation<Void, Never>] {
            guard isIdle else { return [] }
            defer { idle = [] }
            return idle
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    // MARK: Jobs

    func run(_ job: @escaping SerialLanes.Job) -> Bool {
        let (isTaken, begins, holders) = state.withLock { state in
            state.open.removeAll(keepingCapacity: true)
            return (enqueue(job, &state), state.begins(), state.holders)
        }
        // Somebody waits for what they have gathered.
        for holder in holders { holder.hurry() }
        if begins { drain() }
        return isTaken
    }

    func run<Item: Sendable>(_ item: Item, in job: JointJob<Item>) -> Bool {
        let (isTaken, begins, holders): (Bool, Bool, [any Gathering]) = state.withLock { state in
            for case let batch as BatchOf<Item> in state.open where batch.job === job {
                batch.items.append(item)
                if batch.items.count == JointJob<Item>.batchSize { state.open.removeAll { $0 === batch } }
                return (true, false, [])
            }
            let batch = BatchOf(job, item)
            let isTaken = enqueue({ [self] in await job.body(close(batch)) }, &state)
            if isTaken { state.open.append(batch) }
            return (isTaken, state.begins(), state.holders)
        }
        for holder in holders { holder.hurry() }
        if begins { drain() }
        return isTaken
    }

    private func enqueue(_ job: @escaping SerialLanes.Job, _ state: inout State) -> Bool {
        guard !state.isClosed, state.jobs.count < capacity else { return false }
        state.jobs.append(job)
        return true
    }

    /// The batch's turn has come.
    private func close<Item>(_ batch: BatchOf<Item>) -> [Item] {
        state.withLock { state in
            state.open.removeAll { $0 === batch }
            return batch.items
        }
    }

    private func drain() {
        Task {
            while let job = next() { await job() }
        }
    }

    private func next() -> SerialLanes.Job? {
        let (job, awakened): (SerialLanes.Job?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            if let job = state.jobs.popFirst() { return (job, []) }
            state.isRunning = false
            return (nil, state.awakened())
        }
        for continuation in awakened { continuation.resume() }
        return job
    }

    // MARK: Gatherings

    /// Keeps jobs waiting until ``release(_:)``. Returns `false` where there are jobs.
    func hold(by gathering: some Gathering) -> Bool {
        state.withLock { state in
            guard !state.isClosed, !state.isRunning, state.jobs.isEmpty else { return false }
            if !state.holders.contains(where: { $0 === gathering }) { state.holders.append(gathering) }
            return true
        }
    }

    /// What the gathering had of this lane is done.
    func release(_ gathering: some Gathering) {
        let (begins, awakened) = state.withLock { state in
            state.holders.removeAll { $0 === gathering }
            return (state.begins(), state.awakened())
        }
        if begins { drain() }
        for continuation in awakened { continuation.resume() }
    }

    // MARK: The end

    /// Takes no more jobs.
    func close() {
        let holders = state.withLock { state in
            state.isClosed = true
            return state.holders
        }
        for holder in holders { holder.hurry() }
    }

    /// Waits until there is nothing to do.
    func untilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.isIdle { state.idle.append(continuation) }
                return state.isIdle
            }
            if isIdle { continuation.resume() }
        }
    }
}
