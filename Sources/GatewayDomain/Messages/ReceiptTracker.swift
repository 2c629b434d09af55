/// Which messages one device has been sent and has not yet shown to have: answers to the transport's pings show it, because a ping goes
/// out behind everything sent before it.
///
/// A value of one connection. Remembers at most `capacity` ids; of what is pushed out the device has to say itself that it has it.
public struct ReceiptTracker: Sendable {
    /// Sent since the last ping.
    private var sent: [String] = []
    /// Sent before a ping whose answer has not come.
    private var covered: [String] = []
    private let capacity: Int

    /// A device that has been sent nothing; the `capacity` newest ids are remembered.
    public init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many ids are remembered.
    public var count: Int { sent.count + covered.count }

    /// A message went out to the device.
    public mutating func messageSent(_ id: String) {
        sent.append(id)
        guard count > capacity else { return }
        if covered.isEmpty { sent.removeFirst() } else { covered.removeFirst() }
    }

    /// A ping went out to the device.
    public mutating func pingSent() {
        covered += sent
        sent = []
    }

    /// The last ping was answered. Returns the ids of what the device has.
    public mutating func pingAnswered() -> [String] {
        defer { covered = [] }
        return covered
    }

    /// The device has said itself that it has these.
    public mutating func received(_ ids: Set<String>) {
        sent.removeAll { ids.contains($0) }
        covered.removeAll { ids.contains($0) }
    }
}
