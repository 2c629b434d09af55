import GatewayDomain

/// The rooms of a client that comes back, by what becomes of them.
///
/// Rooms in which no event may be missing are given back as they were, and with them what was missed. Rooms of which only the newest value
/// matters are joined anew, so that their snapshots come, and after each snapshot every update. The room of the user's devices is not given
/// back: the mailbox brings the device into it, behind what was kept.
struct ReturningRooms: Sendable {
    /// Rooms whose missed events come.
    private(set) var kept: [Room] = []
    /// Firehoses whose missed events come.
    private(set) var keptFirehoses: [Firehose] = []
    /// Rooms to be joined anew.
    private(set) var latest: [Room] = []
    /// Firehoses to be joined anew.
    private(set) var latestFirehoses: [Firehose] = []
    /// Order books to be joined anew, each as the client saw it.
    private(set) var views: [(instrument: Instrument, view: BookView)] = []
    /// Rooms that are closed to the client now.
    private(set) var closed: [Room] = []

    /// Sorts the names of rooms as the namespace knows them. `principal` must be who they belonged to.
    init(_ names: Set<String>, policy: RoomPolicy, principal: Principal) {
        for name in names {
            if let firehose = Firehose(name: name) {
                add(firehose, policy, principal)
            } else if let (room, view) = BookView.parse(roomName: name), case .orderbook(let instrument) = room {
                views.append((instrument, view))
            } else if let room = Room(name: name) {
                if policy.decide(room, for: principal) != .allowed {
                    closed.append(room)
                } else if room.keepsLastValue {
                    latest.append(room)
                } else {
                    kept.append(room)
                }
            }
        }
    }

    private mutating func add(_ firehose: Firehose, _ policy: RoomPolicy, _ principal: Principal) {
        switch firehose {
        case .prices: latestFirehoses.append(firehose)
        case .trades: keptFirehoses.append(firehose)
        case .own(let room):
            guard policy.decide(room, for: principal) == .allowed else { return }
            if room.keepsLastValue { latestFirehoses.append(firehose) } else { keptFirehoses.append(firehose) }
        }
    }

    /// The names of those whose missed events come.
    var keptNames: Set<String> { Set(kept.map(\.name) + keptFirehoses.map(\.name)) }

    /// The names of those that are joined anew.
    var anewNames: [String] {
        latest.map(\.name) + latestFirehoses.map(\.name) + views.map { $0.view.roomName(.orderbook($0.instrument)) }
    }
}
