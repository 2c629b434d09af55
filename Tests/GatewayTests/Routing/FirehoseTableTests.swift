import GatewayDomain
import Testing

@testable import Gateway

@Suite("FirehoseTable")
struct FirehoseTableTests {
    private var table = FirehoseTable(linger: .seconds(10))

    private mutating func add(_ change: Int32, at seconds: Int) {
        table.add(change, to: .trades, loopIndex: 0, loopCount: 2, now: .seconds(seconds))
        table.forgetIdle(now: .seconds(seconds))
    }

    @Test mutating func countsMembersByLoop() {
        table.add(1, to: .trades, loopIndex: 0, loopCount: 2, now: .zero)
        table.add(1, to: .trades, loopIndex: 1, loopCount: 2, now: .zero)
        table.add(-1, to: .trades, loopIndex: 0, loopCount: 2, now: .zero)
        #expect(table[.trades]?.counts == [0, 1])
        #expect(table[.prices] == nil)
    }

    @Test mutating func isWantedForAWhileAfterItsLastMemberHasLeft() {
        add(1, at: 0)
        add(-1, at: 1)
        table.forgetIdle(now: .seconds(10))
        #expect(table[.trades]?.isEmpty == true)
        #expect(table[.trades]?.madeAt == .zero)
        table.forgetIdle(now: .seconds(11))
        #expect(table[.trades] == nil)
    }

    @Test mutating func whoComesBackKeepsItAndTheTimeBeginsAnew() {
        add(1, at: 0)
        add(-1, at: 1)
        add(1, at: 5)
        table.forgetIdle(now: .seconds(100))
        #expect(table[.trades]?.isEmpty == false)
        add(-1, at: 101)
        add(1, at: 102)
        add(-1, at: 103)
        table.forgetIdle(now: .seconds(112))
        #expect(table[.trades]?.madeAt == .zero)
        table.forgetIdle(now: .seconds(130))
        #expect(table[.trades] == nil)
        add(1, at: 140)
        #expect(table[.trades]?.madeAt == .seconds(140))
    }

    @Test func withoutALingerItIsForgottenAtOnce() {
        var table = FirehoseTable()
        table.add(1, to: .prices, loopIndex: 0, loopCount: 1, now: .zero)
        table.add(-1, to: .prices, loopIndex: 0, loopCount: 1, now: .zero)
        #expect(table[.prices] == nil)
    }
}
