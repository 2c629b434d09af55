import Benchmark
import EngineIOCore

/// The timer wheel of an event loop, which has one entry for each connection.
func timers() {
    Benchmark("Timers: one of 10,000 cancelled and set anew") { benchmark in
        var wheel = TimerWheel<Int>(tick: .milliseconds(100), now: MonotonicInstant(nanoseconds: 0))
        let deadline = { (turn: Int) in MonotonicInstant(nanoseconds: 25_000_000_000 + Int64(turn) * 1_000_000) }
        var handles = (0..<10_000).map { wheel.schedule($0, at: deadline($0)) }
        benchmark.startMeasurement()
        for turn in benchmark.scaledIterations {
            wheel.cancel(handles[turn])
            handles[turn] = wheel.schedule(turn, at: deadline(turn))
        }
        blackHole(wheel.count)
    }
}
