import GatewayDomain
import Testing

@testable import Gateway

@Suite("TopicLedger")
struct TopicLedgerTests {
    private let bitcoin = Topic.events(.priceUpdate)
    private let ether = Topic.events(.tradeNotification)
    private var ledger = TopicLedger(linger: .seconds(30), patience: .seconds(3))

    @Test mutating func theFirstMemberSubscribesAndWaitsForTheBusTheSecondWaitsToo() throws {
        let first = ledger.join([bitcoin], now: .zero)
        #expect(first.subscribe == [bitcoin])
        let second = ledger.join([bitcoin], now: .zero)
        #expect(second.subscribe == [])
        #expect(ledger.subscribed(bitcoin).map(\.isLive) == [true, true])
        #expect(ledger.join([bitcoin], now: .zero).turn == .now)
        #expect(ledger.count == 1)
        #expect(ledger.waitingCount == 0)
    }

    @Test mutating func aTopicOutlivesItsLastMemberByTheLinger() {
        _ = ledger.join([bitcoin], now: .zero)
        _ = ledger.join([bitcoin], now: .zero)
        _ = ledger.subscribed(bitcoin)
        ledger.release([bitcoin], now: .seconds(1))
        #expect(ledger.sweep(now: .seconds(100)).unsubscribe == [])
        ledger.release([bitcoin], now: .seconds(100))
        #expect(ledger.sweep(now: .seconds(129)).unsubscribe == [])
        // Somebody comes back within the linger: as if nobody had gone.
        #expect(ledger.join([bitcoin], now: .seconds(129)).turn == .now)
        ledger.release([bitcoin], now: .seconds(130))
        #expect(ledger.sweep(now: .seconds(159)).unsubscribe == [])
        #expect(ledger.sweep(now: .seconds(160)).unsubscribe == [bitcoin])
        #expect(ledger.sweep(now: .seconds(200)).unsubscribe == [])
        #expect(ledger.unsubscribed(bitcoin) == false)
        #expect(ledger.count == 0)
    }

    @Test mutating func whoComesWhileATopicIsGivenUpIsLetInByTheNextSubscription() {
        _ = ledger.join([bitcoin], now: .zero)
        _ = ledger.subscribed(bitcoin)
        ledger.release([bitcoin], now: .zero)
        #expect(ledger.sweep(now: .seconds(30)).unsubscribe == [bitcoin])
        let late = ledger.join([bitcoin], now: .seconds(30))
        #expect(late.subscribe == [])
        #expect(late.turn != .now)
        #expect(ledger.unsubscribed(bitcoin) == true)
        #expect(ledger.subscribed(bitcoin).map(\.isLive) == [true])
    }

    @Test mutating func whoWaitsTooLongIsTurnedAway() {
        _ = ledger.join([bitcoin], now: .zero)
        _ = ledger.join([bitcoin], now: .seconds(2))
        #expect(ledger.sweep(now: .milliseconds(2999)).calls == [])
        #expect(ledger.sweep(now: .seconds(3)).calls.map(\.isLive) == [false])
        #expect(ledger.subscribed(bitcoin).map(\.isLive) == [true])
        #expect(ledger.sweep(now: .seconds(9)).calls == [])
    }

    @Test mutating func aLeaveDoesNotOvertakeTheJoinBeforeIt() {
        guard case .later(let join) = ledger.join([bitcoin], now: .zero).turn, case .later(let leave) = ledger.leave([bitcoin], now: .zero)
        else {
            Issue.record("neither can be done at once")
            return
        }
        #expect(ledger.subscribed(bitcoin).map(\.ticket) == [join, leave])
        // With nobody before it there is nothing to wait for, whatever the bus does.
        _ = ledger.cut()
        #expect(ledger.leave([bitcoin], now: .zero) == .now)
    }

    @Test mutating func aLeaveFollowsTheJoinThatWasTurnedAway() {
        guard case .later(let join) = ledger.join([bitcoin], now: .zero).turn,
            case .later(let leave) = ledger.leave([bitcoin], now: .seconds(1))
        else {
            Issue.record("neither can be done at once")
            return
        }
        let calls = ledger.sweep(now: .seconds(3)).calls
        #expect(calls.map(\.ticket) == [join, leave])
        #expect(calls.map(\.isLive) == [false, true])
    }

    @Test mutating func severalTopicsAreWaitedForTogetherAndKeepTheirOrder() {
        guard case .later(let both) = ledger.join([bitcoin, ether], now: .zero).turn,
            case .later(let leave) = ledger.leave([bitcoin], now: .zero),
            case .later(let other) = ledger.join([ether], now: .zero).turn
        else {
            Issue.record("none can be done at once")
            return
        }
        #expect(ledger.subscribed(bitcoin) == [])
        #expect(Set(ledger.subscribed(ether).map(\.ticket)) == [both, leave, other])
        #expect(ledger.waitingCount == 0)
    }

    @Test mutating func afterACutNobodyIsLetInBeforeTheTopicIsHeardAgain() {
        _ = ledger.join([bitcoin], now: .zero)
        _ = ledger.subscribed(bitcoin)
        #expect(ledger.cut() == [bitcoin])
        #expect(ledger.cutTopics == [bitcoin])
        #expect(ledger.join([bitcoin], now: .zero).turn != .now)
        #expect(ledger.subscribed(bitcoin).map(\.isLive) == [true])
        #expect(ledger.cutTopics == [])
    }

    @Test mutating func aSubscriptionThatACutHasInterruptedIsOneOfThoseToBeHeardAgain() {
        _ = ledger.join([bitcoin], now: .zero)
        #expect(ledger.cut() == [])
        ledger.interrupted(bitcoin)
        #expect(ledger.cutTopics == [bitcoin])
    }
}
