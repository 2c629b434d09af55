/// All events of a type that a client may see, whichever room they belong to: what `subscribe {types}` names.
public enum Firehose: Hashable, Sendable {
    /// The prices of all instruments.
    case prices
    /// The public trades of all instruments.
    case trades
    /// The events of one personal room, which its owner reaches by their type as well.
    case own(Room)

    /// The firehoses that stand behind an event type for one caller; none where the type reaches everyone as it is. `nil` where the type
    /// is personal and the caller has no user id.
    public static func all(of type: EventType, caller: UserID?) -> [Firehose]? {
        switch type {
        case .priceUpdate: [.prices]
        case .tradeNotification: [.trades] + (caller.map { [.own(.user($0))] } ?? [])
        case .portfolioUpdate: caller.map { [.own(.portfolio($0))] }
        case .orderUpdate: caller.map { [.own(.orders($0))] }
        case .orderBookUpdate, .chartUpdate, .notification, .systemAlert: []
        }
    }

    /// The firehoses by which the events of `room` reach clients that are not in it.
    public static func reaching(_ room: Room) -> [Firehose] {
        switch room.kind {
        case .price: [.prices]
        case .trade: [.trades]
        case .user, .portfolio, .orders: [.own(room)]
        case .orderbook, .chart, .group: []
        }
    }

    /// The name under which members are kept. It is none that a client can ask for.
    public var name: String {
        switch self {
        case .prices: "*price"
        case .trades: "*trade"
        case .own(let room): "*\(room.name)"
        }
    }

    /// The firehose of that ``name``; `nil` where it is none.
    public init?(name: some StringProtocol) {
        guard name.utf8.first == UInt8(ascii: "*") else { return nil }
        switch name.dropFirst() {
        case "price": self = .prices
        case "trade": self = .trades
        case let rest:
            guard let room = Room(name: rest), room.owner != nil else { return nil }
            self = .own(room)
        }
    }
}
