import Synchronization

/// A job that does several items at once where they come faster than it is done.
final class JointJob<Item: Sendable>: Sendable {
    /// So many items at most are done at once: those behind them should not wait for long.
    static var batchSize: Int { 64 }

    let body: @Sendable (_ items: [Item]) async -> Void
    /// How long an item may wait for others to come, as long as nobody waits for it; `nil` does it at once.
    let patience: Duration?
    /// What gathers items. Its lock is taken before that of a lane, never the other way round.
    private let gathering = Mutex<GatheringOf<Item>?>(nil)

    /// - Parameter patience: With it, items of all idle lanes are done together: one wake-up of a thread, one question to a database and
    ///   one task for a loop serve those that came within this time. Without it only items that wait in the same lane are.
    init(patience: Duration? = nil, _ body: @escaping @Sendable (_ items: [Item]) async -> Void) {
        self.patience = patience
        self.body = body
    }

    /// Takes an item of an idle lane to those that are gathered. Returns `false` where it has to wait in its lane.
    func gather(_ item: Item, from lane: SerialLane) -> Bool {
        guard let patience else { return false }
        let (isTaken, full): (Bool, GatheringOf<Item>?) = gathering.withLock { current in
            let gathering = current ?? GatheringOf(self)
            guard lane.hold(by: gathering) else { return (false, nil) }
            gathering.add(item, of: lane)
            if current == nil {
                current = gathering
                Task {
                    try? await Task.sleep(for: patience)
                    if let contents = self.close(gathering) { await self.do(contents, of: gathering) }
                }
            }
            return (true, gathering.count == Self.batchSize ? gathering : nil)
        }
        full?.hurry()
        return isTaken
    }

    fileprivate func `do`(_ contents: GatheringOf<Item>.Contents, of gathering: GatheringOf<Item>) async {
        await body(contents.items)
        for lane in contents.lanes { lane.release(gathering) }
    }

    /// What has been gathered, to be done now; `nil` where somebody else does it already.
    fileprivate func close(_ closing: GatheringOf<Item>) -> GatheringOf<Item>.Contents? {
        gathering.withLock { current in
            guard current === closing else { return nil }
            current = nil
            return closing.contents
        }
    }
}

/// Items of a joint job that come from several lanes and are done together; until then their lanes are held.
protocol Gathering: AnyObject, Sendable {
    /// Which joint job's it is.
    var jobID: ObjectIdentifier { get }
    /// Does what has been gathered without waiting for more.
    func hurry()
}

/// `@unchecked Sendable`: its contents are touched under the lock of its job only.
private final class GatheringOf<Item: Sendable>: Gathering, @unchecked Sendable {
    typealias Contents = (items: [Item], lanes: [SerialLane])

    private let job: JointJob<Item>
    private(set) var contents: Contents = ([], [])

    init(_ job: JointJob<Item>) {
        self.job = job
    }

    var jobID: ObjectIdentifier { ObjectIdentifier(job) }

    var count: Int { contents.items.count }

    func add(_ item: Item, of lane: SerialLane) {
        contents.items.append(item)
        if !contents.lanes.contains(where: { $0 === lane }) { contents.lanes.append(lane) }
    }

    func hurry() {
        guard let contents = job.close(self) else { return }
        Task { await job.do(contents, of: self) }
    }
}
