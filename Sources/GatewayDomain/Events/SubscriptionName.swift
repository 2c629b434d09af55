/// What a client can name in `subscribe` (event types) and in the `type` of `unsubscribe` (those, and kinds of room).
public enum SubscriptionName: Hashable, Sendable {
    /// One room of this kind; which one, the identifier beside it says.
    case room(Room.Kind)
    /// All events of a type that the caller may see.
    case events(EventType)

    /// Returns `nil` where the text is no name of a subscription.
    public init?(_ text: some StringProtocol) {
        switch String(text) {
        case "price": self = .room(.price)
        case "trade", "trades": self = .room(.trade)
        case "orderbook": self = .room(.orderbook)
        case "chart": self = .room(.chart)
        case "portfolio": self = .room(.portfolio)
        case "orders": self = .room(.orders)
        case "price_updates": self = .events(.priceUpdate)
        case "trade_notifications": self = .events(.tradeNotification)
        case "portfolio_updates": self = .events(.portfolioUpdate)
        case "system_alerts": self = .events(.systemAlert)
        case "order_updates": self = .events(.orderUpdate)
        default: return nil
        }
    }

    /// The event type, where the name is one: the names that `subscribe` takes.
    public var eventType: EventType? {
        if case .events(let type) = self { type } else { nil }
    }

    /// The room meant together with the identifier: a symbol in any case for market rooms, the owner's id for personal ones,
    /// where no identifier stands for the caller's own. `nil` where there is no such room, or the name is an event type.
    public func room(identifier: String?, caller: UserID?) -> Room? {
        guard case .room(let kind) = self else { return nil }
        switch kind {
        case .price, .trade, .orderbook: return identifier.flatMap { Room(kind: kind, identifier: Instrument.capitalised($0)) }
        case .chart: return identifier.flatMap { Room.chartRoom(ofSymbol: $0) }
        case .user, .portfolio, .orders: return (identifier ?? caller?.rawValue).flatMap { Room(kind: kind, identifier: $0) }
        case .group: return identifier.flatMap { Room(kind: kind, identifier: $0) }
        }
    }
}
