import Histogram

/// What `moonx bench slow` has found, and whether it is as it must be.
struct SlowVerdict {
    private struct Side {
        var latencies: Histogram<UInt64>?
        var residentBytes: Int?
        var serverSeconds: Double?

        mutating func add(_ phase: SlowLoad.Phase) {
            for more in phase.latencies {
                if latencies == nil { latencies = more } else { latencies?.add(more) }
            }
            if let bytes = phase.residentBytes { residentBytes = max(residentBytes ?? 0, bytes) }
            if let seconds = phase.serverSeconds { serverSeconds = (serverSeconds ?? 0) + seconds }
        }

        func percentile(_ percentile: Double) -> Int { Int(latencies?.valueAtPercentile(percentile) ?? 0) }
    }

    private let slow: Int
    private let memoryBound: Int
    private let latencyRatio: Double
    private var (without, with) = (Side(), Side())
    /// By how much the most memory of a phase with slow clients was above that of the phase before, the most of all rounds.
    private var growth: Int?
    private var lastResident: Int?
    private var catchUp = 0.0
    private var counts: [(key: String, label: String, count: Int)] = []
    private var failures: [String] = []

    init(slow: Int, memoryBound: Int, latencyRatio: Double) {
        self.slow = slow
        self.memoryBound = memoryBound
        self.latencyRatio = latencyRatio
    }

    mutating func add(_ phase: SlowLoad.Phase, isSlow: Bool) {
        if isSlow {
            with.add(phase)
            if let bytes = phase.residentBytes, let lastResident { growth = max(growth ?? .min, bytes - lastResident) }
        } else {
            without.add(phase)
            lastResident = phase.residentBytes
        }
    }

    mutating func add(catchUp seconds: Double?) {
        if let seconds { catchUp = max(catchUp, seconds) }
    }

    /// Looks at what each slow client has, where all that was published should have come.
    mutating func judge(_ crowd: SlowCrowd, newest: [String: String], trades: Int) async {
        let records = await crowd.records()
        failures = []
        for (number, client) in crowd.clients.enumerated() {
            let record = records[number]
            let missing = record.missing(newest, trades: trades)
            failures += (record.failures + missing).map { "slow client \(number): \($0)" }
            if record.conflated == 0, await client.endings == 0 {
                failures.append(
                    "slow client \(number) was never held up: the kernel took everything in; give a longer --pause or more --payload-bytes"
                )
            }
        }
        counts = [
            ("conflated", "updates that stood for several", records.reduce(0) { $0 + $1.conflated }),
            ("covered", "updates that these stood for", records.reduce(0) { $0 + $1.covered }),
            ("snapshots", "snapshots", records.reduce(0) { $0 + $1.snapshots }),
            ("ownTrades", "own trades, each client", trades),
            ("warned", "times told SLOW_CONSUMER", records.reduce(0) { $0 + $1.warnings }),
            ("closed", "connections of slow ones ended", await crowd.sum { await $0.endings }),
            ("recovered", "sessions given back", await crowd.sum { await $0.recoveries }),
        ]
    }

    func write(to report: inout BenchReport) {
        for (label, key, side) in [("without", "Without", without), ("with", "With", with)] {
            report.add("p50\(key)", "latency in µs \(label) slow clients, median", side.percentile(50))
            report.add("p99\(key)", "latency in µs \(label) slow clients, 99 %", side.percentile(99))
            if let seconds = side.serverSeconds {
                report.add("serverSeconds\(key)", "server CPU seconds \(label) slow clients", seconds, decimals: 2)
            }
        }
        report.add("p99Ratio", "ratio of the latencies, 99 %", p99Ratio, decimals: 2)
        if let growth {
            report.add("residentBytes", "resident bytes without slow clients, most", without.residentBytes ?? 0)
            report.add("residentGrowth", "resident bytes more with slow clients", growth)
            report.add("residentBound", "… allowed", memoryBound)
        }
        for (key, label, count) in counts { report.add(key, label, count) }
        report.add("catchUpSeconds", "seconds from the last publication to everything", catchUp, decimals: 2)
        report.add("failures", "proofs that fail", allFailures.count)
    }

    /// - Throws: ``BenchFailure`` that says what does not hold.
    func check() throws {
        let all = allFailures
        guard !all.isEmpty else { return }
        let more = all.count > 5 ? "\n… and \(all.count - 5) more" : ""
        throw BenchFailure(all.prefix(5).joined(separator: "\n") + more)
    }

    private var p99Ratio: Double { Double(with.percentile(99)) / Double(max(1, without.percentile(99))) }

    private var allFailures: [String] {
        var all = failures
        if latencyRatio > 0, p99Ratio > latencyRatio { all.append("the 99 % latency of the others has grown by a factor of \(p99Ratio)") }
        if let growth, growth > memoryBound { all.append("resident memory has grown by \(growth) bytes, \(memoryBound) are allowed") }
        return all
    }
}
