import GatewayDomain

/// What a gateway listens to on a bus between nodes, as long as it has members there.
enum Topic: Hashable, Sendable {
    /// The events of one room.
    case room(Room)
    /// All events of a type, whichever room they belong to.
    case events(EventType)

    /// The topic that feeds a firehose: of the caller's own events those of the one room, not everybody's of the type.
    init(_ firehose: Firehose) {
        switch firehose {
        case .prices: self = .events(.priceUpdate)
        case .trades: self = .events(.tradeNotification)
        case .own(let room): self = .room(room)
        }
    }

    /// The kind of room whose events a topic brings for all of them.
    var coveredKind: Room.Kind? {
        switch self {
        case .events(.priceUpdate): .price
        case .events(.tradeNotification): .trade
        case .events, .room: nil
        }
    }

    /// Whether anything comes by its channel: what members of a group send each other goes through a stream, which every node reads.
    var hasChannel: Bool {
        if case .room(.group) = self { false } else { true }
    }

    /// The name of its channel on Redis.
    var channel: String {
        switch self {
        case .room(let room): BusName.channel(of: room)
        case .events(let type): BusName.channel(of: type)
        }
    }
}

/// The names that the bus has on Redis, which publishers write to as well (docs/protocol.md, “Publishing”).
enum BusName {
    /// The channel that every gateway reads, for publishers that leave the routing to it.
    static let simple = "moonx:events"
    /// The channel of alerts.
    static let alerts = "moonx:events:all"

    static func channel(of room: Room) -> String { "moonx:events:\(room.name)" }
    static func channel(of type: EventType) -> String { "moonx:events:type:\(type.rawValue)" }
    /// The last value of a room, for its first member on a node.
    static func last(of room: Room) -> String { "moonx:last:\(room.name)" }

    // The tag in braces is the whole key of the last value, so that both lie in one slot of a cluster.

    /// The changes of an order book since its last value, a list.
    static func changes(of room: Room) -> String { "{\(last(of: room))}:changes" }
    /// The last candle of each pair and interval of a chart, a hash.
    static func candles(of room: Room) -> String { "{\(last(of: room))}:candles" }
}
