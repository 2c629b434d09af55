import GatewayDomain

/// Messages whose sender waits to hear whether a device has them: each node that was told of one says to how many devices it has written it.
///
/// A value. An answer may come before it is known how many nodes were told.
struct AnswerTable<Waiter> {
    private struct Entry {
        /// How many nodes were told; `nil` while that is not known.
        var told: Int?
        var refusals = 0
        let waiter: Waiter
    }

    /// What is known of a message.
    struct Outcome {
        let waiter: Waiter
        let isDelivered: Bool
    }

    private var entries: [String: Entry] = [:]

    var count: Int { entries.count }

    /// The sender of the message begins to wait.
    mutating func wait(for id: String, _ waiter: Waiter) { entries[id] = Entry(waiter: waiter) }

    /// So many nodes were told.
    mutating func told(_ id: String, _ nodes: Int) -> Outcome? {
        entries[id]?.told = nodes
        return settle(id)
    }

    /// A node has written the message to so many devices.
    mutating func answered(_ id: String, devices: Int) -> Outcome? {
        guard devices <= 0 else { return entries.removeValue(forKey: id).map { Outcome(waiter: $0.waiter, isDelivered: true) } }
        entries[id]?.refusals += 1
        return settle(id)
    }

    /// Nobody waits any longer.
    mutating func giveUp(_ id: String) -> Outcome? {
        entries.removeValue(forKey: id).map { Outcome(waiter: $0.waiter, isDelivered: false) }
    }

    private mutating func settle(_ id: String) -> Outcome? {
        guard let entry = entries[id], let told = entry.told, entry.refusals >= told else { return nil }
        return giveUp(id)
    }
}
