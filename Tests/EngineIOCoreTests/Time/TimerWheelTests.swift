import EngineIOCore
import TestSupport
import Testing

@Suite("TimerWheel")
struct TimerWheelTests {
    private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

    private func fire<Element>(_ wheel: inout TimerWheel<Element>, at now: MonotonicInstant) -> [Element] {
        wheel.advance(to: now)
        var due: [Element] = []
        while let element = wheel.popDue() { due.append(element) }
        return due
    }

    @Test func firesNotEarlyAndAtMostATickLate() {
        var wheel = TimerWheel<String>(tick: .milliseconds(20), slots: 8, now: at(0))
        _ = wheel.schedule("a", at: at(41))
        #expect(fire(&wheel, at: at(40)).isEmpty)
        #expect(fire(&wheel, at: at(59)).isEmpty)
        #expect(fire(&wheel, at: at(60)) == ["a"])
        #expect(wheel.count == 0)
    }

    @Test func aDeadlineInThePastFiresAtTheNextTick() {
        var wheel = TimerWheel<String>(tick: .milliseconds(20), slots: 8, now: at(1000))
        _ = wheel.schedule("past", at: at(3))
        _ = wheel.schedule("now", at: at(1000))
        #expect(fire(&wheel, at: at(1019)).isEmpty)
        #expect(fire(&wheel, at: at(1020)).sorted() == ["now", "past"])
    }

    @Test func aDeadlineBeyondOneTurnWaitsItsTurns() {
        var wheel = TimerWheel<String>(tick: .milliseconds(10), slots: 4, now: at(0))
        _ = wheel.schedule("far", at: at(100))
        for time in stride(from: Int64(10), to: 100, by: 10) { #expect(fire(&wheel, at: at(time)).isEmpty) }
        #expect(fire(&wheel, at: at(100)) == ["far"])
        _ = wheel.schedule("never", at: MonotonicInstant(nanoseconds: .max))
        #expect(fire(&wheel, at: at(1_000_000)).isEmpty)
        #expect(wheel.count == 1)
    }

    @Test func aJumpOverManyTurnsFiresEverythingDueOnce() {
        var wheel = TimerWheel<Int>(tick: .milliseconds(10), slots: 4, now: at(0))
        for number in 1...50 { _ = wheel.schedule(number, at: at(Int64(number) * 10)) }
        #expect(fire(&wheel, at: at(450)).sorted() == Array(1...45))
        #expect(fire(&wheel, at: at(10_000)).sorted() == Array(46...50))
        #expect(fire(&wheel, at: at(20_000)).isEmpty)
    }

    @Test func aCancelledTimerDoesNotFire() {
        var wheel = TimerWheel<String>(tick: .milliseconds(10), slots: 4, now: at(0))
        let handles = ["a", "b", "c"].map { wheel.schedule($0, at: at(10)) }
        wheel.cancel(handles[1])
        #expect(wheel.count == 2)
        #expect(fire(&wheel, at: at(10)).sorted() == ["a", "c"])
    }

    @Test func aDueTimerCanBeCancelledByOneThatFiresBeforeIt() {
        var wheel = TimerWheel<String>(tick: .milliseconds(10), slots: 4, now: at(0))
        let handles = ["a": wheel.schedule("a", at: at(10)), "b": wheel.schedule("b", at: at(10))]
        wheel.advance(to: at(10))
        let first = wheel.popDue()
        let second = first == "a" ? "b" : "a"
        if let handle = handles[second] { wheel.cancel(handle) }
        #expect(wheel.popDue() == nil)
        #expect(wheel.count == 0)
        _ = wheel.schedule("c", at: at(20))
        _ = wheel.schedule("d", at: at(20))
        #expect(fire(&wheel, at: at(20)).sorted() == ["c", "d"])
    }

    @Test func aStaleHandleCancelsNothing() {
        var wheel = TimerWheel<String>(tick: .milliseconds(10), slots: 4, now: at(0))
        let stale = wheel.schedule("a", at: at(10))
        #expect(fire(&wheel, at: at(10)) == ["a"])
        _ = wheel.schedule("b", at: at(20))
        wheel.cancel(stale)
        wheel.cancel(stale)
        #expect(wheel.count == 1)
        #expect(fire(&wheel, at: at(20)) == ["b"])
    }

    @Test func whatIsScheduledWhileFiringComesLater() {
        var wheel = TimerWheel<String>(tick: .milliseconds(10), slots: 4, now: at(0))
        _ = wheel.schedule("a", at: at(10))
        wheel.advance(to: at(10))
        #expect(wheel.popDue() == "a")
        _ = wheel.schedule("b", at: at(10))
        #expect(wheel.popDue() == nil)
        #expect(fire(&wheel, at: at(20)) == ["b"])
    }

    /// Against a plain list: nothing early, nothing more than a tick late, nothing lost, nothing twice.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func agreesWithASortedList(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var now: Int64 = Int64.random(in: 0...1_000_000, using: &generator)
        var wheel = TimerWheel<Int>(tick: .nanoseconds(10), slots: 16, now: MonotonicInstant(nanoseconds: now))
        var model: [Int: (deadline: Int64, handle: TimerWheel<Int>.Handle)] = [:]
        for number in 0..<5000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let deadline = now + Int64.random(in: -20...2000, using: &generator)
                model[number] = (deadline, wheel.schedule(number, at: MonotonicInstant(nanoseconds: deadline)))
            case 5..<7:
                guard let victim = model.keys.sorted().randomElement(using: &generator), let handle = model[victim]?.handle else {
                    continue
                }
                wheel.cancel(handle)
                model[victim] = nil
            default:
                let before = now
                now += Int.random(in: 0..<20, using: &generator) == 0 ? 5000 : Int64.random(in: 0...25, using: &generator)
                let fired = fire(&wheel, at: MonotonicInstant(nanoseconds: now))
                #expect(Set(fired).count == fired.count)
                for number in fired {
                    let deadline = model.removeValue(forKey: number)?.deadline
                    #expect(deadline.map { $0 <= now } == true, "early, or never scheduled")
                }
                let late = model.values.filter { max($0.deadline, before) + 20 <= now }
                #expect(late.isEmpty, "late")
            }
            #expect(wheel.count == model.count)
        }
    }
}
