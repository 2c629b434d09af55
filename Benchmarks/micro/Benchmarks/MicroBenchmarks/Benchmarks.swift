import Benchmark

/// What a message passes on its way, each step alone; a figure is that of one step, of a thousand in a row.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock],
        warmupIterations: 3,
        scalingFactor: .kilo,
        maxDuration: .seconds(1)
    )
    scanning()
    packets()
    rooms()
    redis()
    timers()
}
