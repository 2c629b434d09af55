import Testing

@testable import moonx

@Suite("FeedPlan")
struct FeedPlanTests {
    @Test func pricesGoRoundTheRoomsWithAlertsInBetweenAndOneAtTheEnd() {
        let plan = FeedPlan(rooms: 2, rate: 2, alertEvery: 1, seconds: 2)
        #expect(
            plan.map(\.content) == [
                .alert(number: 0), .price(room: 0, number: 0), .price(room: 1, number: 0),
                .alert(number: 1), .price(room: 0, number: 1), .price(room: 1, number: 1), .end(number: 2),
            ]
        )
        #expect(plan.map(\.due) == [0, 0, 500, 1_000, 1_000, 1_500, 2_000].map { $0 * 1_000_000 })
    }

    @Test(arguments: [(1_000, 50.0, 5.0, 600.0), (7, 3.5, 0.9, 10.1), (3, 0.1, 60, 1), (1, 1_000, 1, 0.5)])
    func theNumberThatTheEndTellsIsThatOfAllPrices(_ rooms: Int, _ rate: Double, _ alertEvery: Double, _ seconds: Double) {
        let plan = FeedPlan(rooms: rooms, rate: rate, alertEvery: alertEvery, seconds: seconds)
        let prices = plan.count { if case .price = $0.content { true } else { false } }
        #expect(prices == plan.priceCount)
        #expect(zip(plan, plan.dropFirst()).allSatisfy { $0.due <= $1.due })
    }

    @Test func everyRoomAndTheAlertsAreNumberedWithoutGaps() {
        var next = [0: 0, 1: 0, 2: 0], alerts = 0
        for item in FeedPlan(rooms: 3, rate: 10, alertEvery: 0.25, seconds: 5) {
            switch item.content {
            case .price(let room, let number):
                #expect(next[room] == number)
                next[room] = number + 1
            case .alert(let number), .end(let number):
                #expect(number == alerts)
                alerts += 1
            }
        }
        #expect(next == [0: 17, 1: 17, 2: 16] && alerts == 21)
    }
}
