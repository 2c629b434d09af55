import GatewayDomain

/// Prices that clients follow by their type alone, after a cut. Nobody is in these rooms, so that no topic of their own has them shown where
/// the new epoch begins: the topic of all prices does it for them. On the router's loop.
extension EventRouter {
    /// The room's epoch has ended: whoever gets it by a firehose is to be shown its last value, if the firehose was heard before.
    func oweSnapshot(of room: Room) {
        guard room.kind == .price, firehoses[.prices] != nil, remote?.ledger.state(of: .events(.priceUpdate)) == .cut else { return }
        remote?.owed.insert(room)
    }

    /// The rooms whose last values are to be fetched together with these topics, because no topic of their own does it.
    func owed(by topics: [Topic]) -> [Room] {
        guard remote?.owed.isEmpty == false, topics.contains(.events(.priceUpdate)) else { return [] }
        return (remote?.owed ?? []).filter { !hasOwnFetch($0) }
    }

    /// Whether the room's own topic fetches its last value, and shows it.
    func hasOwnFetch(_ room: Room) -> Bool {
        let state = remote?.ledger.state(of: .room(room))
        return state == .subscribing || state == .cut
    }

    /// The bus was cut and has confirmed these again; `last` is what was kept of `rooms` since.
    func resynchronised(_ topics: [Topic], _ rooms: [Room], _ last: [Room: LastValues]) {
        for case .room(let room) in topics { resynchronised(.room(room), last: last[room] ?? LastValues()) }
        // A room whose own topic was given up meanwhile is among them.
        for room in rooms where remote?.owed.contains(room) == true && !hasOwnFetch(room) {
            if channels[room] == nil { makeChannel(room) }
            adopt(last[room] ?? LastValues(), in: room)
        }
        for case .events(let type) in topics { resynchronised(.events(type), last: LastValues()) }
    }

    /// All prices are heard again.
    func showOwed(by topic: Topic) {
        for room in owed(by: [topic]) { showOwed(room) }
    }

    /// Nothing else shows the room: its last value is the one that is known, and what waits follows on it.
    func showOwed(_ room: Room) {
        showSnapshots(of: room)
        releaseHeld(of: room)
    }

    /// Nobody follows prices by their type any more.
    func forgetOwed() {
        let rooms = remote?.owed ?? []
        remote?.owed = []
        for room in rooms where !hasOwnFetch(room) { dropHeld(of: room) }
    }
}
