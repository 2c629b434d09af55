/// A room of the gateway: whose events a client gets.
public enum Room: Hashable, Sendable {
    /// Prices of one instrument.
    case price(Instrument)
    /// Public trades of one instrument.
    case trade(Instrument)
    /// The order book of one instrument.
    case orderbook(Instrument)
    /// Candles of one asset, `[A-Z]{2,10}`.
    case chart(String)
    /// A user's personal events.
    case user(UserID)
    /// A user's portfolio.
    case portfolio(UserID)
    /// A user's orders.
    case orders(UserID)
    /// A group in which members write to each other, by its id, `[A-Za-z0-9_-]{8,64}`.
    case group(String)

    /// The kinds of room; the raw value is what stands before the colon of the name.
    public enum Kind: String, Sendable, CaseIterable {
        case price, trade, orderbook, chart, user, portfolio, orders, group
    }

    /// The room's kind.
    public var kind: Kind {
        switch self {
        case .price: .price
        case .trade: .trade
        case .orderbook: .orderbook
        case .chart: .chart
        case .user: .user
        case .portfolio: .portfolio
        case .orders: .orders
        case .group: .group
        }
    }

    /// The user a personal room belongs to.
    public var owner: UserID? {
        switch self {
        case .user(let id), .portfolio(let id), .orders(let id): id
        case .price, .trade, .orderbook, .chart, .group: nil
        }
    }

    /// Whether the room carries public market data, which guests may have too.
    public var isMarket: Bool {
        switch kind {
        case .price, .trade, .orderbook, .chart: true
        case .user, .portfolio, .orders, .group: false
        }
    }

    /// Whether members are told when the room's source falls silent.
    public var watchesFeed: Bool {
        switch kind {
        case .price, .orderbook: true
        case .trade, .chart, .user, .portfolio, .orders, .group: false
        }
    }

    /// Whether who joins is sent the last known value at once.
    public var keepsLastValue: Bool {
        switch kind {
        case .price, .orderbook, .chart, .portfolio: true
        case .trade, .user, .orders, .group: false
        }
    }
}
