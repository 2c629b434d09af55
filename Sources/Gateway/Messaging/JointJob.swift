import Synchronization

/// A job that does several items at once where they come faster than it is done.
final class JointJob<Item: Sendable>: Sendable {
    /// So many items of one lane at most are done at once: those behind them should not wait for long.
    static var batchSize: Int { 64 }
    /// So many of all lanes at most are gathered.
    static var gatheringSize: Int { 256 }

    private struct State {
        var gathering: GatheringOf<Item>?
        /// Whether what has been gathered is to be done as soon as what was gathered before it is.
        var isDue = false
        var isRunning = false
    }

    let body: @Sendable (_ items: [Item]) async -> Void
    /// How long an item may wait for others to come, as long as nobody waits for it; `nil` does it at once.
    let patience: Duration?
    /// Its lock is taken before that of a lane, never the other way round.
    private let state = Mutex(State())

    /// - Parameter patience: With it, items of all idle lanes are done together: one wake-up of a thread, one question to a database and
    ///   one task for a loop serve those that came within this time, or while others were done. Without it only items that wait in the same
    ///   lane are.
    init(patience: Duration? = nil, _ body: @escaping @Sendable (_ items: [Item]) async -> Void) {
        self.patience = patience
        self.body = body
    }

    /// Takes an item of an idle lane to those that are gathered. Returns `false` where it has to wait in its lane.
    func gather(_ item: Item, from lane: SerialLane) -> Bool {
        guard let patience else { return false }
        let (isTaken, full): (Bool, GatheringOf<Item>?) = state.withLock { state in
            let gathering = state.gathering ?? GatheringOf(self)
            guard gathering.items.count < Self.gatheringSize, lane.hold(by: gathering) else { return (false, nil) }
            gathering.add(item, of: lane)
            if state.gathering == nil {
                state.gathering = gathering
                Task {
                    try? await Task.sleep(for: patience)
                    if self.isToBegin(gathering) { await self.work() }
                }
            }
            return (true, gathering.items.count == Self.gatheringSize ? gathering : nil)
        }
        full?.hurry()
        return isTaken
    }

    /// What has been gathered is to be done now. Returns whether nobody is at work who will do it.
    fileprivate func isToBegin(_ gathering: GatheringOf<Item>) -> Bool {
        state.withLock { state in
            guard state.gathering === gathering else { return false }
            state.isDue = true
            guard !state.isRunning else { return false }
            state.isRunning = true
            return true
        }
    }

    /// Does what has been gathered, and what becomes due meanwhile.
    fileprivate func work() async {
        while let gathering = next() {
            await body(gathering.items)
            for lane in gathering.lanes { lane.release(gathering) }
        }
    }

    private func next() -> GatheringOf<Item>? {
        state.withLock { state in
            guard state.isDue, let gathering = state.gathering else {
                state.isRunning = false
                return nil
            }
            state.gathering = nil
            state.isDue = false
            return gathering
        }
    }
}

/// Items of a joint job that come from several lanes and are done together; until then their lanes are held.
protocol Gathering: AnyObject, Sendable {
    /// Does what has been gathered without waiting for more.
    func hurry()
}

/// `@unchecked Sendable`: its contents are touched under the lock of its job, and from when it is done by who does it only.
private final class GatheringOf<Item: Sendable>: Gathering, @unchecked Sendable {
    private let job: JointJob<Item>
    private(set) var items: [Item] = []
    private(set) var lanes: [SerialLane] = []

    init(_ job: JointJob<Item>) {
        self.job = job
    }

    func add(_ item: Item, of lane: SerialLane) {
        items.append(item)
        if !lanes.contains(where: { $0 === lane }) { lanes.append(lane) }
    }

    func hurry() {
        guard job.isToBegin(self) else { return }
        Task { await job.work() }
    }
}
