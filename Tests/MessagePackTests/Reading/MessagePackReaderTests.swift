import MessagePack
import TestSupport
import Testing

@Suite("MessagePackReader")
struct MessagePackReaderTests {
    private func token(_ bytes: [UInt8]) throws(MessagePackError) -> MessagePackToken {
        var reader = MessagePackReader(bytes.span)
        return try reader.next()
    }

    private func error(_ bytes: [UInt8], maximumDepth: Int = MessagePackReader.maximumDepth) -> MessagePackError.Kind? {
        do {
            var reader = MessagePackReader(bytes.span)
            try reader.skip(maximumDepth: maximumDepth)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func everyFirstByteIsAFormatButOne() throws {
        for format in UInt8.min...UInt8.max {
            // Enough for the longest head; lengths and counts of zero.
            let bytes = [format] + Array(repeating: UInt8(0), count: 40)
            if format == 0xC1 {
                #expect(error(bytes) == .unusedFormat)
            } else {
                #expect(throws: Never.self) { try token(bytes) }
            }
        }
    }

    @Test func integersOfEveryFormat() throws {
        #expect(try token(unhex("7f")) == .integer(127))
        #expect(try token(unhex("e0")) == .integer(-32))
        #expect(try token(unhex("ff")) == .integer(-1))
        #expect(try token(unhex("cc ff")) == .integer(255))
        #expect(try token(unhex("cd ffff")) == .integer(65_535))
        #expect(try token(unhex("ce ffffffff")) == .integer(4_294_967_295))
        #expect(try token(unhex("cf 7fffffffffffffff")) == .integer(.max))
        #expect(try token(unhex("cf 8000000000000000")) == .unsigned(1 << 63))
        #expect(try token(unhex("cf ffffffffffffffff")) == .unsigned(.max))
        #expect(try token(unhex("d0 80")) == .integer(-128))
        #expect(try token(unhex("d1 8000")) == .integer(-32_768))
        #expect(try token(unhex("d2 80000000")) == .integer(-2_147_483_648))
        #expect(try token(unhex("d3 8000000000000000")) == .integer(.min))
    }

    @Test func rangesSayWhereDataLies() throws {
        #expect(try token(unhex("a2 6869")) == .string(1..<3))
        #expect(try token(unhex("d9 02 6869")) == .string(2..<4))
        #expect(try token(unhex("da 0002 6869")) == .string(3..<5))
        #expect(try token(unhex("db 00000002 6869")) == .string(5..<7))
        #expect(try token(unhex("c4 01 ff")) == .binary(2..<3))
        #expect(try token(unhex("c5 0001 ff")) == .binary(3..<4))
        #expect(try token(unhex("c6 00000001 ff")) == .binary(5..<6))
        #expect(try token(unhex("c7 03 05 010203")) == .extension(MessagePackExtension(type: 5, data: 3..<6, isFixed: false)))
        #expect(try token(unhex("c8 0001 fe 01")) == .extension(MessagePackExtension(type: -2, data: 4..<5, isFixed: false)))
        #expect(try token(unhex("c9 00000001 7f 01")) == .extension(MessagePackExtension(type: 127, data: 6..<7, isFixed: false)))
        #expect(try token(unhex("d5 01 0102")) == .extension(MessagePackExtension(type: 1, data: 2..<4, isFixed: true)))
        #expect(
            try token(unhex("d8 01") + Array(repeating: 0, count: 16))
                == .extension(MessagePackExtension(type: 1, data: 2..<18, isFixed: true))
        )
    }

    @Test func headsGiveCounts() throws {
        #expect(try token(unhex("92 c0 c0")) == .array(count: 2))
        #expect(try token(unhex("dc 0001 c0")) == .array(count: 1))
        #expect(try token(unhex("dd 00000001 c0")) == .array(count: 1))
        #expect(try token(unhex("81 c0 c0")) == .map(count: 1))
        #expect(try token(unhex("de 0001 c0 c0")) == .map(count: 1))
        #expect(try token(unhex("df 00000001 c0 c0")) == .map(count: 1))
    }

    /// A count is refused by its head, before a reader could make room for what it promises.
    @Test(arguments: ["dd ffffffff", "df ffffffff c0", "dc ffff c0c0", "de ffff", "9f c0", "81 c0", "df 80000000 c0c0"])
    func aCountBeyondTheBytesIsRefusedAtOnce(_ digits: String) {
        #expect(throws: MessagePackError.self) { try token(unhex(digits)) }
        #expect(error(unhex(digits)) == .unexpectedEnd)
    }

    @Test(arguments: ["c6 ffffffff 00", "db ffffffff", "c9 ffffffff 00", "d9 05 61", "d4 00", "cb 00", "a1", "c4", "d8 00 00"])
    func aLengthBeyondTheBytesIsRefused(_ digits: String) {
        #expect(error(unhex(digits)) == .unexpectedEnd)
    }

    @Test func depthIsBounded() {
        func nested(_ levels: Int) -> [UInt8] { Array(repeating: 0x91, count: levels) + [0xC0] }
        #expect(error(nested(64)) == nil)
        #expect(error(nested(65)) == .tooDeep)
        #expect(error(nested(1_000_000)) == .tooDeep)
        #expect(error(nested(2), maximumDepth: 1) == .tooDeep)
        #expect(error([0xC0], maximumDepth: 0) == nil)
        #expect(error([0x90], maximumDepth: 0) == .tooDeep)
        #expect(error(Array(repeating: 0x81, count: 100) + [0xC0]) == .tooDeep)
    }

    @Test func valuesMayFollowOneAnother() throws {
        let bytes = unhex("01 a161 92 c0 c3 80 c0")
        var reader = MessagePackReader(bytes.span)
        var ranges: [Range<Int>] = []
        while !reader.isAtEnd { ranges.append(try reader.skip()) }
        #expect(ranges == [0..<1, 1..<3, 3..<6, 6..<7, 7..<8])
    }

    @Test func everyTruncationIsAnEarlyEnd() throws {
        for pair in GoldenTable.written + GoldenTable.foreign where pair.bytes.count < 2_000 {
            for length in pair.bytes.indices {
                #expect(error(Array(pair.bytes[..<length])) == .unexpectedEnd, "\(pair.testDescription), \(length) bytes")
            }
        }
    }

    @Test func textThatIsNotUTF8IsRepaired() throws {
        let bytes = unhex("a3 61ff62")
        var reader = MessagePackReader(bytes.span)
        guard case .string(let range) = try reader.next() else {
            Issue.record("no string")
            return
        }
        #expect(reader.text(range) == "a\u{FFFD}b")
    }

    /// Whatever comes: no crash, no endless loop, and what is accepted is accepted again at the place it was found.
    @Test func mutationsNeverCrash() throws {
        var generator = SeededGenerator(seed: 41)
        let seeds = (GoldenTable.written + GoldenTable.foreign).map(\.bytes).filter { $0.count < 400 }
        for _ in 0..<20_000 {
            let bytes = (seeds.randomElement(using: &generator) ?? []).withBytesReplaced(using: &generator)
            guard let value = try? MessagePackValue(bytes) else { continue }
            #expect(value.range == bytes.indices.startIndex..<bytes.count)
            var json: [UInt8] = []
            try? value.appendJSON(to: &json, form: .javaScript) { range, output in output.append(contentsOf: String(range.count).utf8) }
        }
    }
}
