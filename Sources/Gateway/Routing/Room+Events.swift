import GatewayDomain

extension Room {
    /// The market room that an envelope belongs to; `nil` where it concerns no market.
    init?(market envelope: Envelope) {
        guard let symbol = envelope.symbol else { return nil }
        let room: Room? =
            switch envelope.type {
            case .priceUpdate: envelope.instrument.map { .price($0) }
            case .orderBookUpdate: envelope.instrument.map { .orderbook($0) }
            case .tradeNotification: envelope.instrument.map { .trade($0) }
            case .chartUpdate: Room.chartRoom(ofSymbol: symbol)
            case .portfolioUpdate, .orderUpdate, .notification, .systemAlert: nil
            }
        guard let room else { return nil }
        self = room
    }

    /// The event that the room's numbered sequence is made of; `nil` where the room has none.
    var eventName: String? {
        switch kind {
        case .price: EventType.priceUpdate.rawValue
        case .orderbook: EventType.orderBookUpdate.rawValue
        case .chart: EventType.chartUpdate.rawValue
        case .portfolio: EventType.portfolioUpdate.rawValue
        case .trade: EventType.tradeNotification.rawValue
        case .orders: EventType.orderUpdate.rawValue
        case .user, .group: nil
        }
    }
}
