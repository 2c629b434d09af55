import GatewayDomain

/// A number for each type of event.
struct EventCounts: Sendable {
    private var counts = [Int](repeating: 0, count: EventType.allCases.count)

    subscript(type: EventType) -> Int {
        get { counts[type.index] }
        set { counts[type.index] = newValue }
    }

    /// Of all types together.
    var total: Int { counts.reduce(0, +) }
}
