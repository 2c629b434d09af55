import Logging

/// Keeps what is logged as a warning or worse.
struct RecordingLog: LogHandler {
    let lines: Journal<String>
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    /// A logger that writes there.
    static func logger(_ lines: Journal<String>) -> Logger { Logger(label: "test") { _ in RecordingLog(lines: lines) } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.append("\(event.message)") }
}
