import Foundation
import JSONScan
import Logging

/// Writes logs as one JSON object a line: `{"time","level","label","message","metadata"?}`. Times are ISO 8601 in UTC.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let label: String
    private let write: @Sendable (String) -> Void

    /// A handler that writes to standard error unless told otherwise. `write` gets whole lines.
    init(label: String, write: @escaping @Sendable (String) -> Void = { StandardError.write($0) }) {
        self.label = label
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        var line = "{\"time\":\(JSONString.literal(time)),\"level\":\"\(event.level.rawValue)\",\"label\":\(JSONString.literal(label))"
        line += ",\"message\":\(JSONString.literal("\(event.message)"))"
        let metadata = metadata.merging(event.metadata ?? [:]) { _, new in new }
        if !metadata.isEmpty { line += ",\"metadata\":\(Self.json(.dictionary(metadata)))" }
        write(line + "}\n")
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONString.literal(text)
        case .stringConvertible(let value): JSONString.literal("\(value)")
        case .array(let values): "[\(values.map(json).joined(separator: ","))]"
        case .dictionary(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\(JSONString.literal($0.key)):\(json($0.value))" }.joined(separator: ","))}"
        }
    }
}
