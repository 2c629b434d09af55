import EngineIOCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import EngineIO

@Suite("EngineLoop")
struct EngineLoopTests {
    private final class Alarm: TimerTarget {
        var fired: MonotonicInstant?
        func timerFired(now: MonotonicInstant) { fired = now }
    }

    /// A loop that was started at `phase` and has run for `age` since.
    private func start(phase: TimeAmount, age: TimeAmount) -> (EngineLoop, EmbeddedEventLoop) {
        let eventLoop = EmbeddedEventLoop()
        eventLoop.advanceTime(by: .seconds(1) + phase)
        let loop = EngineLoop(
            index: 0,
            eventLoop: eventLoop,
            configuration: EngineConfiguration(),
            application: EchoApplication(),
            logger: Logger(label: "test")
        )
        loop.start()
        eventLoop.advanceTime(by: age)
        return (loop, eventLoop)
    }

    /// A client counts from when it got its answer: the session must be gone by then, whatever the phase of the loop's ticks.
    @Test(arguments: [0, 1, 7, 19] as [Int64], [0, 1, 13, 20, 39] as [Int64])
    func aTimerOfWholeTicksFiresWithinTheTickBeforeItsTimeNotAfter(_ phase: Int64, _ age: Int64) {
        let (loop, eventLoop) = start(phase: .milliseconds(phase), age: .milliseconds(age))
        let alarm = Alarm()
        _ = loop.schedule(alarm, at: loop.now + .milliseconds(300))
        eventLoop.advanceTime(by: .milliseconds(280))
        #expect(alarm.fired == nil)
        eventLoop.advanceTime(by: .milliseconds(20))
        #expect(alarm.fired == loop.now)
        loop.stop()
    }

    @Test func theClockIsAtMostATickBehindAndGoesOnAfterAPause() {
        let (loop, eventLoop) = start(phase: .milliseconds(3), age: .zero)
        func lag() -> Duration { .nanoseconds(Int64(eventLoop.now.uptimeNanoseconds) - loop.now.nanoseconds) }
        for step: Int64 in [0, 1, 16, 4, 19, 20, 21, 333, 1] {
            eventLoop.advanceTime(by: .milliseconds(step))
            #expect(lag() >= .zero && lag() < EngineLoop.tick)
        }
        loop.stop()
        eventLoop.advanceTime(by: .seconds(1))
        #expect(lag() >= .seconds(1))
    }
}
