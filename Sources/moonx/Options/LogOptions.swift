import ArgumentParser
import Logging

/// What is logged, and how. Logs go to standard error.
struct LogOptions: ParsableArguments {
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info")
    var logLevel: String?

    @Option(help: "text, or json for one JSON object a line. Default: text")
    var logFormat: String?

    func validate() throws {
        _ = try logger("moonx")
    }

    func logger(_ label: String) throws -> Logger {
        let level = Setting.text(logLevel, "log-level") ?? "info"
        guard let level = Logger.Level(rawValue: level) else { throw ValidationError("--log-level: “\(level)” is not a log level") }
        let format = Setting.text(logFormat, "log-format") ?? "text"
        var logger: Logger
        switch format {
        case "text": logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        case "json": logger = Logger(label: label) { JSONLogHandler(label: $0) }
        default: throw ValidationError("--log-format must be text or json, not “\(format)”")
        }
        logger.logLevel = level
        return logger
    }
}
