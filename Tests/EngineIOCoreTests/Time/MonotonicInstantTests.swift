import EngineIOCore
import Testing

@Suite("MonotonicInstant")
struct MonotonicInstantTests {
    private func at(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test func addsAndSubtracts() {
        #expect(at(5) + .nanoseconds(7) == at(12))
        #expect(at(5) + .seconds(-1) == at(-999_999_995))
        #expect(at(12) - at(5) == .nanoseconds(7))
        #expect(at(5) < at(6))
    }

    @Test func sumsStopAtTheEnds() {
        #expect(at(1) + .seconds(Int64.max) == at(.max))
        #expect(at(.max) + .nanoseconds(1) == at(.max))
        #expect(at(-2) + .seconds(Int64.min) == at(.min))
        #expect(at(.min) + .nanoseconds(-1) == at(.min))
    }

    @Test func roundsDownToWholeTicks() {
        for (instant, rounded) in [(0, 0), (19, 0), (20, 20), (59, 40), (-1, -20), (-20, -20)] as [(Int64, Int64)] {
            #expect(at(instant).roundedDown(to: .nanoseconds(20)) == at(rounded))
        }
        #expect(at(.min).roundedDown(to: .nanoseconds(20)) == at(.min))
    }

    @Test func differencesStopAtTheEnds() {
        #expect(at(.max) - at(1) == .nanoseconds(Int64.max - 1))
        #expect(at(.max) - at(-1) == .nanoseconds(Int64.max))
        #expect(at(.min) - at(1) == .nanoseconds(Int64.min))
        #expect(at(0) - at(.min) == .nanoseconds(Int64.max))
    }

    @Test func durationsInWholeNanoseconds() {
        #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999).wholeNanoseconds == 1)
        #expect(Duration.seconds(-2).wholeNanoseconds == -2_000_000_000)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
    }
}
