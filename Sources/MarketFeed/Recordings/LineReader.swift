/// Cuts bytes into lines that end in LF or CR LF; the last line may lack its end. Holds one chunk and one line at a time.
struct LineReader {
    /// The number of the line last returned, counted from 1.
    private(set) var lineNumber = 0
    let file: String

    /// Well over any order-book snapshot; a longer line is not a recording, and must not fill the memory.
    private static let longestLine = 4 * 1024 * 1024

    private let read: RecordingSource.Reader
    private var buffer: [UInt8] = []
    private var lineStart = 0
    /// Up to here the buffer is known to hold no line end after `lineStart`.
    private var searched = 0
    private var isAtEnd = false

    init(_ source: RecordingSource) throws {
        self.file = source.name
        self.read = try source.open()
    }

    /// The next line that is not blank, without its end; `nil` after the last.
    mutating func next() throws -> String? {
        while let line = try nextLine() {
            if !line.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return line }
        }
        return nil
    }

    private mutating func nextLine() throws -> String? {
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer {
                    lineStart = end + 1
                    searched = lineStart
                }
                return try line(upTo: end)
            }
            searched = buffer.count
            guard !isAtEnd else { break }
            try fill()
        }
        guard lineStart < buffer.count else { return nil }
        defer { lineStart = buffer.count }
        return try line(upTo: buffer.count)
    }

    private mutating func fill() throws {
        buffer.removeFirst(lineStart)
        searched -= lineStart
        lineStart = 0
        let chunk = try read()
        isAtEnd = chunk.isEmpty
        buffer += chunk
        guard buffer.count <= Self.longestLine else {
            lineNumber += 1
            throw malformed("expected a line of at most \(Self.longestLine) bytes")
        }
    }

    private mutating func line(upTo end: Int) throws -> String {
        lineNumber += 1
        var bytes = buffer[lineStart..<end]
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let line = String(validating: bytes, as: UTF8.self) else {
            throw malformed("expected text in UTF-8 (a compressed file must be unpacked first)")
        }
        return line
    }

    /// The error about the line last returned.
    func malformed(_ message: String) -> RecordingError {
        RecordingError(.malformedLine, file: file, line: lineNumber, message)
    }
}
