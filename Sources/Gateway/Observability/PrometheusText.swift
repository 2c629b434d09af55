/// Writes metrics in the Prometheus text format.
struct PrometheusText {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
        metric("counter", name, help, [("", value)])
    }

    mutating func counter(_ name: String, _ help: String, _ values: [(labels: String, value: Int)]) {
        metric("counter", name, help, values)
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        metric("gauge", name, help, [("", value)])
    }

    mutating func gauge(_ name: String, _ help: String, _ values: [(labels: String, value: Int)]) {
        metric("gauge", name, help, values)
    }

    private mutating func metric(_ type: String, _ name: String, _ help: String, _ values: [(labels: String, value: Int)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for (labels, value) in values { text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n" }
    }
}
