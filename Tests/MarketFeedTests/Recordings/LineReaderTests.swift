import Testing

@testable import MarketFeed

struct LineReaderTests {
    @Test(arguments: [1, 2, 3, 5, 64])
    func cutsLinesWhereverTheChunksEnd(chunk: Int) throws {
        let lines = try read(.text("one\r\ntwo\n\n \r\nthr\u{e9}e\nlast", chunk: chunk))
        #expect(lines.map(\.text) == ["one", "two", "thr\u{e9}e", "last"])
        #expect(lines.map(\.number) == [1, 2, 5, 6])
    }

    @Test(arguments: ["", "\n", "\r\n", "\n\n  \n"])
    func findsNothingInNothing(text: String) throws {
        #expect(try read(.text(text)).isEmpty)
    }

    @Test func endsWithOrWithoutALineEnd() throws {
        #expect(try read(.text("a\nb\n")).map(\.text) == ["a", "b"])
        #expect(try read(.text("a\nb\r")).map(\.text) == ["a", "b"])
    }

    @Test func refusesWhatIsNotText() throws {
        var reader = try LineReader(.bytes([0x61, 0x0A, 0x1F, 0x8B, 0x0A]))
        #expect(try reader.next() == "a")
        let error = #expect(throws: RecordingError.self) { try reader.next() }
        #expect(error?.line == 2)
        #expect(error?.code == .malformedLine)
    }

    @Test func refusesALineWithoutEnd() throws {
        // An endless source: only a bound on the line stops the reading.
        var reader = try LineReader(RecordingSource(name: "endless") { { [UInt8](repeating: 0x61, count: 1 << 20) } })
        #expect(throws: RecordingError.self) { try reader.next() }
    }

    private func read(_ source: RecordingSource) throws -> [(number: Int, text: String)] {
        var reader = try LineReader(source)
        var lines: [(Int, String)] = []
        while let line = try reader.next() { lines.append((reader.lineNumber, line)) }
        return lines
    }
}
