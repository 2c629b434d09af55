import NIOCore
import RESP
import Testing

@Suite("RESPParser")
struct RESPParserTests {
    private static func bulk(_ text: String) -> RESPValue { .bulkString(ByteBuffer(string: text)) }

    /// Every kind of value, as a server of version 3 or 2 writes it.
    static let transcript: [(wire: String, value: RESPValue)] = [
        ("+OK\r\n", .simpleString("OK")),
        ("+\r\n", .simpleString("")),
        ("-ERR unknown command\r\n", .error(RESPError("ERR unknown command"))),
        (":1000\r\n", .integer(1_000)),
        (":-9223372036854775808\r\n", .integer(.min)),
        (":+9223372036854775807\r\n", .integer(.max)),
        ("$5\r\nhello\r\n", bulk("hello")),
        ("$0\r\n\r\n", bulk("")),
        ("$4\r\n\r\n\r\n\r\n", bulk("\r\n\r\n")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("_\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n*1\r\n:1\r\n$1\r\na\r\n", .array([.array([.integer(1)]), bulk("a")])),
        ("*3\r\n:1\r\n_\r\n-ERR x\r\n", .array([.integer(1), .null, .error(RESPError("ERR x"))])),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", .map([RESPPair(.simpleString("a"), .integer(1)), RESPPair(.simpleString("b"), .array([]))])),
        ("~2\r\n+a\r\n+b\r\n", .set([.simpleString("a"), .simpleString("b")])),
        (">3\r\n+message\r\n+c\r\n$1\r\nx\r\n", .push([.simpleString("message"), .simpleString("c"), bulk("x")])),
        (",3.25\r\n", .double(3.25)),
        (",-1e3\r\n", .double(-1_000)),
        (",inf\r\n", .double(.infinity)),
        (",-inf\r\n", .double(-.infinity)),
        ("#t\r\n", .boolean(true)),
        ("#f\r\n", .boolean(false)),
        ("(3492890328409238509324850943850943825024385\r\n", .bigNumber("3492890328409238509324850943850943825024385")),
        ("=8\r\ntxt:text\r\n", .verbatim(format: "txt", ByteBuffer(string: "text"))),
        ("!5\r\nERR x\r\n", .error(RESPError("ERR x"))),
        // Attributes belong to what follows; nobody asked for them.
        ("|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("*1\r\n|0\r\n:7\r\n", .array([.integer(7)])),
    ]

    private static func parse(_ wire: String, limits: RESPLimits = RESPLimits()) throws(RESPProtocolError) -> [RESPValue] {
        var parser = RESPParser(limits: limits)
        var buffer = ByteBuffer(string: wire)
        var values: [RESPValue] = []
        while let value = try parser.next(from: &buffer) { values.append(value) }
        return values
    }

    @Test(arguments: transcript.indices) func aValueComesWhole(_ index: Int) throws {
        #expect(try Self.parse(Self.transcript[index].wire) == [Self.transcript[index].value])
    }

    @Test(arguments: transcript.indices) func aValueComesByteByByte(_ index: Int) throws {
        let (wire, expected) = Self.transcript[index]
        var parser = RESPParser()
        var buffer = ByteBuffer()
        for (position, byte) in wire.utf8.enumerated() {
            #expect(try parser.next(from: &buffer) == nil, "at \(position)")
            buffer.writeInteger(byte)
        }
        #expect(try parser.next(from: &buffer) == expected)
        #expect(buffer.readableBytes == 0 && !parser.isInsideValue)
    }

    @Test func valuesComeBatched() throws {
        let wire = Self.transcript.map(\.wire).joined()
        #expect(try Self.parse(wire) == Self.transcript.map(\.value))
        // In pieces whose borders fall anywhere.
        for size in [2, 3, 7, 64] {
            var parser = RESPParser()
            var buffer = ByteBuffer()
            var values: [RESPValue] = []
            let bytes = Array(wire.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                buffer.writeBytes(bytes[start..<min(start + size, bytes.count)])
                while let value = try parser.next(from: &buffer) { values.append(value) }
            }
            #expect(values == Self.transcript.map(\.value), "pieces of \(size)")
        }
    }

    @Test(arguments: transcript.indices) func whatIsWrittenIsReadAgain(_ index: Int) throws {
        var buffer = ByteBuffer()
        buffer.writeRESP(Self.transcript[index].value)
        #expect(try Self.parse(String(buffer: buffer)) == [Self.transcript[index].value])
    }

    @Test func aCommandIsAnArrayOfStrings() throws {
        var buffer = ByteBuffer()
        buffer.writeRESPCommand(argumentCount: 2)
        buffer.writeRESPBulk("GET")
        buffer.writeRESPBulk(ByteBuffer(string: "k\r\ny"))
        #expect(String(buffer: buffer) == "*2\r\n$3\r\nGET\r\n$4\r\nk\r\ny\r\n")
    }

    @Test(
        arguments: [
            ("?\r\n", .unknownType(UInt8(ascii: "?"))),
            ("\r\n\r\n", .unknownType(13)),
            ("HTTP/1.1 400 Bad Request\r\n", .unknownType(UInt8(ascii: "H"))),
            (":\r\n", .malformedNumber),
            (":1a\r\n", .malformedNumber),
            (":--1\r\n", .malformedNumber),
            (":9223372036854775808\r\n", .malformedNumber),
            (":99999999999999999999\r\n", .malformedNumber),
            (",0x10\r\n", .malformedNumber),
            (",\r\n", .malformedNumber),
            ("(12x\r\n", .malformedNumber),
            ("#y\r\n", .malformedNumber),
            ("_x\r\n", .malformedNumber),
            ("$-2\r\n", .malformedNumber),
            ("*-2\r\n", .malformedNumber),
            ("$?\r\n", .streamed),
            ("*?\r\n", .streamed),
            ("+OK\rx", .missingLineEnd),
            ("$2\r\nabcd", .missingLineEnd),
            ("=3\r\ntxt\r\n", .malformedVerbatim),
            // The format is three letters, not three bytes: what is repaired would not be three bytes any more.
            ("=8\r\n\u{20AC}:text\r\n", .malformedVerbatim),
        ] as [(String, RESPProtocolError)]
    )
    func whatIsNoValueIsRefused(_ wire: String, _ error: RESPProtocolError) {
        #expect(throws: error) { try Self.parse(wire) }
    }

    @Suite("Limits") struct Limits {
        private func limits(_ change: (inout RESPLimits) -> Void) -> RESPLimits {
            var limits = RESPLimits()
            change(&limits)
            return limits
        }

        @Test func aStringIsRefusedByItsLength() throws {
            let limits = limits { $0.maximumBulkLength = 4 }
            #expect(try parse("$4\r\nabcd\r\n", limits: limits).count == 1)
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumBulkLength")) { try parse("$5\r\n", limits: limits) }
        }

        @Test func aLineIsRefusedBeforeItsEnd() throws {
            let limits = limits { $0.maximumLineLength = 4 }
            #expect(try parse("+abcd\r\n", limits: limits).count == 1)
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumLineLength")) { try parse("+abcde", limits: limits) }
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumLineLength")) { try parse("+abcde\r\n", limits: limits) }
        }

        @Test func partsAreCountedAtAllDepths() throws {
            let limits = limits { $0.maximumElementCount = 4 }
            #expect(try parse("*2\r\n*1\r\n_\r\n_\r\n", limits: limits).count == 1)
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumElementCount")) {
                try parse("*2\r\n*2\r\n_\r\n_\r\n_\r\n", limits: limits)
            }
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumElementCount")) { try parse("*5\r\n", limits: limits) }
            // Each value counts anew.
            #expect(try parse("*2\r\n_\r\n_\r\n*2\r\n_\r\n_\r\n", limits: limits).count == 2)
        }

        @Test func bytesAreCountedAtAllDepths() throws {
            let limits = limits { $0.maximumValueLength = 20 }
            #expect(try parse("*1\r\n$6\r\nabcdef\r\n", limits: limits).count == 1)
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumValueLength")) {
                try parse("*2\r\n$6\r\nabcdef\r\n$6\r\nabcdef\r\n", limits: limits)
            }
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumValueLength")) { try parse("$21\r\n", limits: limits) }
        }

        @Test func depthIsBounded() throws {
            let limits = limits { $0.maximumDepth = 2 }
            #expect(try parse("*1\r\n*1\r\n_\r\n", limits: limits).count == 1)
            #expect(throws: RESPProtocolError.tooLarge(limit: "maximumDepth")) { try parse("*1\r\n*1\r\n*1\r\n", limits: limits) }
        }

        private func parse(_ wire: String, limits: RESPLimits) throws(RESPProtocolError) -> [RESPValue] {
            try RESPParserTests.parse(wire, limits: limits)
        }
    }
}
