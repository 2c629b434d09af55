import GatewayDomain

/// A stream on Redis, which every node reads whole: for what must not be lost.
enum BusStream: Hashable, Sendable {
    /// Events of one type; publishers write to it as well.
    case events(EventType)
    /// What members of groups send each other: the gateways' own.
    case roomMessages

    /// All of them. Portfolios are latest values, and gateways say them on channels; who writes them to a stream is heard as well.
    static let all =
        EventType.allCases.filter { $0.deliveryClass == .everyEvent }.map { Self.events($0) } + [.roomMessages, .events(.portfolioUpdate)]

    /// Streams that tell where a client stands that was away: the place in this list is the same on every node, so a new one comes last.
    /// Notifications come by the mailbox (``RedisBus/readMissedNotifications(of:upTo:)``).
    static let recoverable: [Self] = [.events(.tradeNotification), .events(.orderUpdate), .events(.systemAlert), .roomMessages]

    /// Which of the ``recoverable`` ones it is.
    var source: Int? { Self.recoverable.firstIndex(of: self) }

    /// Its key.
    var name: String {
        switch self {
        case .events(let type): "moonx:stream:\(type.rawValue)"
        case .roomMessages: "moonx:stream:\(RoomMessage.name)"
        }
    }
}

extension Room {
    /// The streams that bring what its members must not miss.
    var streams: [BusStream] {
        switch kind {
        case .trade, .user: [.events(.tradeNotification)]
        case .orders: [.events(.orderUpdate)]
        case .group: [.roomMessages]
        case .price, .orderbook, .chart, .portfolio: []
        }
    }
}

extension Firehose {
    /// The streams that bring what its members must not miss.
    var streams: [BusStream] {
        switch self {
        case .trades: [.events(.tradeNotification)]
        case .own(let room): room.streams
        case .prices: []
        }
    }
}
