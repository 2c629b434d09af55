import Foundation
import GatewayDomain
import Testing

@testable import MarketFeed

struct SimulatedAccountTests {
    private static let start: Int64 = 1_700_000_000_000
    private static let user = UserID("demo-user-0001")!
    private static let prices = Dictionary(
        uniqueKeysWithValues: [("BTC-USDC", "104862.50"), ("ETH-USDC", "3512.40"), ("SOL-USDC", "164.18")].map {
            (Instrument($0)!, DecimalText($1)!)
        }
    )

    private struct Read: Decodable {
        struct Payload: Decodable {
            struct Position: Decodable { var value: String }
            var orderId, status, totalValue, pnl, title: String?
            var positions: [Position]?
        }
        var type: String
        var userId: String
        var symbol: String?
        var id: String?
        var data: Payload
    }

    private func tenMinutes(seed: UInt64 = 7) throws -> [Read] {
        var account = SimulatedAccount(user: Self.user, seed: seed, start: Self.start)
        return try (0..<600).flatMap { second in
            try account.step(now: Self.start + second * 1000, prices: Self.prices).map {
                try JSONDecoder().decode(Read.self, from: Data($0.utf8))
            }
        }
    }

    @Test func nothingHappensWithoutPrices() {
        var account = SimulatedAccount(user: Self.user, seed: 7, start: Self.start)
        #expect(account.step(now: Self.start + 60_000, prices: [:]).isEmpty)
        #expect(!account.step(now: Self.start + 61_000, prices: Self.prices).isEmpty)
    }

    @Test func everyEventIsTheUsersAndIdsDoNotRepeat() throws {
        let events = try tenMinutes()
        #expect(events.allSatisfy { $0.userId == "demo-user-0001" })
        let ids = events.compactMap(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test func anOrderIsPlacedThenFilledOrCancelledAndEachFillIsATrade() throws {
        let events = try tenMinutes()
        let statuses = Dictionary(grouping: events.filter { $0.type == "order_update" }, by: \.data.orderId).mapValues {
            $0.map(\.data.status)
        }
        #expect(statuses.count > 40)
        #expect(events.allSatisfy { $0.type != "order_update" || $0.symbol != nil })
        for (order, statuses) in statuses where statuses.count == 2 {
            #expect(statuses == ["open", "filled"] || statuses == ["open", "cancelled"], "\(order ?? "")")
        }
        let fills = statuses.values.count { $0.last == "filled" }
        #expect(events.count { $0.type == "trade_notification" && $0.symbol != nil } == fills)
        #expect(events.count { $0.type == "notification" } == fills / 3)
    }

    @Test func theTotalIsTheSumOfThePositions() throws {
        let portfolios = try tenMinutes().filter { $0.type == "portfolio_update" }.map(\.data)
        #expect(portfolios.count == 300)
        for portfolio in portfolios {
            let values = try #require(portfolio.positions).map { DecimalText($0.value)! }
            let sum = values.dropFirst().reduce(values[0]) { $0.adding($1)! }
            #expect(sum == DecimalText(try #require(portfolio.totalValue)))
        }
        #expect(portfolios[0].pnl == "0.00")
    }

    @Test func sameSeedSameAccount() throws {
        let amounts = try tenMinutes().compactMap(\.data.totalValue)
        #expect(try tenMinutes().compactMap(\.data.totalValue) == amounts)
        #expect(try tenMinutes(seed: 8).compactMap(\.data.totalValue) != amounts)
    }
}
