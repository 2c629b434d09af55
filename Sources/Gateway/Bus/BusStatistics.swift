/// What a node has counted of the bus between nodes. Confined to the router's loop.
struct BusStatistics: Sendable {
    /// By which way a message came; the raw value is the label of the metric.
    enum Kind: String, Sendable, CaseIterable {
        case stream, simple, room, type, alerts, probe
    }

    /// Whether the node hears the bus.
    var isHeard = true
    /// How long it has not, all times together.
    var deafTime: Duration = .zero
    var deafTimes = 0
    /// Topics subscribed to for members of this node.
    var topics = 0
    /// Joins and leaves that wait for the bus.
    var waiting = 0
    /// Joins that were refused because the bus did not confirm in time.
    var refusedJoins = 0
    var received: [Kind: Int] = [:]
    var receivedBytes = 0
    /// Messages that were no envelope, or on a channel that they do not belong on.
    var malformed = 0
    /// Calls to publish that Redis did not take, or not all of.
    var publishFailures = 0
    /// Events that came by the channel of their room and by that of their type.
    var merged = 0
    /// Streams of which something was trimmed, or lost by Redis, before this node had read it.
    var gaps = 0
    /// How often subscriptions were lost with their connection.
    var cuts = 0
    /// How often last values were fetched anew for all rooms.
    var resynchronisations = 0
    /// Epochs ended because it could not be known what was missed.
    var endedEpochs = 0
    /// Events that wait for the last values of their rooms.
    var held = 0
    /// Events given up because too many waited for a room's last value.
    var overflows = 0
}

extension EventOrigin {
    var kind: BusStatistics.Kind? {
        switch self {
        case .local: nil
        case .stream: .stream
        case .simple: .simple
        case .room: .room
        case .type: .type
        case .alerts: .alerts
        }
    }
}
