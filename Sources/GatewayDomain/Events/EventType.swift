/// The types of event that can be published; the raw value is the envelope's `type` and the name of the client's event.
public enum EventType: String, Sendable, CaseIterable {
    case priceUpdate = "price_update"
    case orderBookUpdate = "order_book_update"
    case chartUpdate = "chart_update"
    case tradeNotification = "trade_notification"
    case portfolioUpdate = "portfolio_update"
    case orderUpdate = "order_update"
    case notification = "notification"
    case systemAlert = "system_alert"

    /// What a client that cannot keep up, or was away, gets of a type.
    public enum DeliveryClass: Sendable {
        /// The newest value stands for all before it.
        case latestValue
        /// Each event counts.
        case everyEvent
    }

    /// The type's place among all, from 0: what is counted for each event is found by it, not by hashing the name.
    public var index: Int {
        switch self {
        case .priceUpdate: 0
        case .orderBookUpdate: 1
        case .chartUpdate: 2
        case .tradeNotification: 3
        case .portfolioUpdate: 4
        case .orderUpdate: 5
        case .notification: 6
        case .systemAlert: 7
        }
    }

    /// Whether an envelope of this type must name a symbol.
    public var needsSymbol: Bool {
        switch self {
        case .priceUpdate, .orderBookUpdate, .chartUpdate, .tradeNotification: true
        case .portfolioUpdate, .orderUpdate, .notification, .systemAlert: false
        }
    }

    /// Whether an envelope of this type must name a user.
    public var needsUserID: Bool {
        switch self {
        case .portfolioUpdate, .orderUpdate, .notification: true
        case .priceUpdate, .orderBookUpdate, .chartUpdate, .tradeNotification, .systemAlert: false
        }
    }

    /// What a client that cannot keep up, or was away, gets of this type.
    public var deliveryClass: DeliveryClass {
        switch self {
        case .priceUpdate, .orderBookUpdate, .chartUpdate, .portfolioUpdate: .latestValue
        case .tradeNotification, .orderUpdate, .notification, .systemAlert: .everyEvent
        }
    }
}
