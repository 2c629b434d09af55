import GatewayDomain
import Testing

struct EventTypeTests {
    @Test func hasTheNamesOfTheContract() {
        let names = [
            "price_update", "order_book_update", "chart_update", "trade_notification", "portfolio_update", "order_update", "notification",
            "system_alert",
        ]
        #expect(EventType.allCases.map(\.rawValue) == names)
    }

    @Test func isNumberedByItsPlace() {
        #expect(EventType.allCases.map(\.index) == Array(EventType.allCases.indices))
    }

    @Test func saysWhatAnEnvelopeNeeds() {
        #expect(EventType.allCases.filter(\.needsSymbol) == [.priceUpdate, .orderBookUpdate, .chartUpdate, .tradeNotification])
        #expect(EventType.allCases.filter(\.needsUserID) == [.portfolioUpdate, .orderUpdate, .notification])
    }

    @Test func saysWhichValuesMayBeConflated() {
        let latest = EventType.allCases.filter { $0.deliveryClass == .latestValue }
        #expect(latest == [.priceUpdate, .orderBookUpdate, .chartUpdate, .portfolioUpdate])
    }
}
