/// A recording that cannot be read: which file, where in it, and what was expected there.
public struct RecordingError: Error, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Hashable, Sendable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file holds no line.
        case empty
        /// The file is neither of the formats known.
        case unknownFormat
        /// Neither the caller, nor the content, nor the file's name says which instrument it is about.
        case unknownSymbol
        /// A line is not what the format asks for.
        case malformedLine
    }

    /// What kind of trouble it is.
    public var code: Code
    /// The file as the caller named it.
    public var file: String
    /// The line, counted from 1, where it is one line's trouble.
    public var line: Int?
    /// What was expected, or what went wrong, in words.
    public var message: String

    init(_ code: Code, file: String, line: Int? = nil, _ message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    /// One line for the operator: `trades.csv:17: expected …`.
    public var description: String {
        line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }
}
