import GatewayDomain
import Testing

@testable import Gateway

@Suite("Rooms of a client that comes back")
struct ReturningRoomsTests {
    private let names: Set<String> = [
        "trade:BTC-USDC", "price:BTC-USDC", "orderbook:BTC-USDC", "chart:BTC", "user:alice-0001", "orders:alice-0001",
        "portfolio:alice-0001", "group:traders-1", "*trade", "*price", "*user:alice-0001", "*portfolio:alice-0001", "@alice-0001",
        "%bob-000002", "orderbook:ETH-USDC#dn5/0",
    ]

    private func sorted(groups: [String]) -> ReturningRooms {
        ReturningRooms(
            names,
            policy: RoomPolicy(groups: .claims),
            principal: Principal(userID: UserID("alice-0001"), groups: groups)
        )
    }

    @Test func thoseInWhichNothingMayBeMissedAreKept() {
        #expect(
            sorted(groups: ["traders-1"]).keptNames == [
                "trade:BTC-USDC", "user:alice-0001", "orders:alice-0001", "group:traders-1", "*trade", "*user:alice-0001",
            ]
        )
    }

    @Test func thoseOfLatestValuesAreJoinedAnew() {
        let rooms = sorted(groups: [])
        #expect(
            Set(rooms.latest.map(\.name)) == ["price:BTC-USDC", "orderbook:BTC-USDC", "chart:BTC", "portfolio:alice-0001"]
        )
        #expect(Set(rooms.latestFirehoses.map(\.name)) == ["*price", "*portfolio:alice-0001"])
        #expect(rooms.views.count == 1)
        #expect(rooms.views.first?.instrument.description == "ETH-USDC")
        #expect(rooms.views.first?.view.isDelta == true)
        #expect(rooms.views.first?.view.depth == 5)
    }

    @Test func thoseThatAreClosedAreNamed() {
        #expect(sorted(groups: []).closed == [.group("traders-1")])
        #expect(sorted(groups: ["traders-1"]).closed == [])
        // Another user's, were it ever asked about them.
        let other = ReturningRooms(names, policy: RoomPolicy(), principal: Principal(userID: UserID("bob-000002")))
        #expect(Set(other.closed.map(\.name)) == ["user:alice-0001", "orders:alice-0001", "portfolio:alice-0001"])
        #expect(other.keptFirehoses == [.trades])
    }
}
