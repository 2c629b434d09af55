import Histogram
import JSONScan

/// The figures of one measurement, as a table for people or as JSON for programs.
struct BenchReport {
    private struct Row {
        let key: String
        let label: String
        let value: Double
        let decimals: Int
    }

    private let title: String
    private var rows: [Row] = []

    init(_ title: String) {
        self.title = title
    }

    mutating func add(_ key: String, _ label: String, _ value: Double, decimals: Int = 0) {
        rows.append(Row(key: key, label: label, value: value, decimals: decimals))
    }

    mutating func add(_ key: String, _ label: String, _ value: Int) {
        add(key, label, Double(value))
    }

    /// The latencies of all loops, in microseconds.
    /// - Parameters:
    ///   - prefix: What the keys begin with, in one of several sets of latencies.
    ///   - label: What the labels begin with.
    mutating func add(latencies: [Histogram<UInt64>], prefix: String = "", label: String = "") {
        guard var all = latencies.first else { return }
        for more in latencies.dropFirst() { all.add(more) }
        guard all.totalCount > 0 else { return }
        for (key, name, percentile) in [
            ("p50", "latency in µs, median", 50.0), ("p90", "latency in µs, 90 %", 90), ("p99", "latency in µs, 99 %", 99),
            ("p999", "latency in µs, 99.9 %", 99.9), ("max", "latency in µs, most", 100),
        ] {
            let key = prefix.isEmpty ? key : prefix + key.prefix(1).uppercased() + key.dropFirst()
            add(key, label + name, Int(all.valueAtPercentile(percentile)))
        }
    }

    func print(json: Bool) {
        if json {
            let members = rows.map { "\(JSONString.literal($0.key)):\(Self.format($0.value, $0.decimals))" }
            Swift.print("{\"measurement\":\(JSONString.literal(title)),\(members.joined(separator: ","))}")
        } else {
            Swift.print(title)
            let width = rows.map(\.label.count).max() ?? 0
            for row in rows {
                let label = row.label + String(repeating: " ", count: width - row.label.count)
                Swift.print("  \(label)  \(Self.format(row.value, row.decimals))")
            }
        }
    }

    private static func format(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "null" }
        guard decimals > 0 else { return String(Int64(value.rounded())) }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value * scale).rounded())
        let fraction = String(abs(scaled) % Int64(scale))
        let sign = scaled < 0 ? "-" : ""
        return "\(sign)\(abs(scaled) / Int64(scale)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
    }
}
