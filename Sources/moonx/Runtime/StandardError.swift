import Foundation

/// Standard error, for what a person or a log collector reads.
enum StandardError {
    /// Writes the text as it is. What cannot be written is lost: a full disk or a log collector that has gone must not end a server, which
    /// `FileHandle.write(_:)` does (SwiftNIO has SIGPIPE ignored, so that a reader that has gone is an error of `write(2)`).
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
