import MessagePack
import TestSupport
import Testing

@Suite("MessagePack and JSON")
struct MessagePackJSONTests {
    private func packed(_ json: String, _ numbers: JSONNumberRule = .exact) throws(MessagePackError) -> [UInt8] {
        var writer = MessagePackWriter()
        try writer.write(json: Array(json.utf8).span, numbers: numbers)
        return writer.bytes
    }

    private func json(_ bytes: [UInt8], _ form: MessagePackJSONForm = .exact) throws -> String {
        String(decoding: try MessagePackValue(bytes).json(form: form), as: UTF8.self)
    }

    @Test(arguments: [
        "{}", "[]", "[[],{},[{}]]", "{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":true,\"e\":[]}", "[1,-1,0,-0.0,1.5,18446744073709551615]",
        "[\"\\u0001\\n\\\"\\\\\",\"é😀\"]", "{\"\":\"\",\"a,b\":\"]}\",\"[\":\"{\"}", "{\"a\":1,\"a\":2}",
    ])
    func thereAndBackIsTheSame(_ text: String) throws {
        #expect(try json(packed(text)) == text)
    }

    @Test func whiteSpaceIsNotKept() throws {
        #expect(try json(packed(" { \"a\" : [ 1 , 2 , [ ] , { } ] ,\n\t\"b\" : \"x\" } ")) == #"{"a":[1,2,[],{}],"b":"x"}"#)
    }

    @Test func escapesAreRead() throws {
        #expect(try packed(#""\u0041\/\ud83d\ude00""#) == unhex("a6 412f f09f9880"))
        #expect(try packed(#""\ud83d""#) == unhex("a3 efbfbd"), "a lone surrogate cannot be text")
    }

    @Test(arguments: [
        ("1.50", "1.5"), ("105433.60000", "105433.6"), ("1e2", "100"), ("0.10e+1", "1"), ("-0", "-0.0"), ("-0.0", "-0.0"), ("0e5", "0"),
        ("1E400", nil), ("-1e400", nil), ("0.1234567890123456789", nil), ("18446744073709551616", nil),
        ("18446744073709551617", nil), ("-9223372036854775809", nil), ("9007199254740993", "9007199254740993"), ("1e-400", nil),
        ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil), ("0e99999999999999999999", "0"),
        ("1.0e-9223372036854775808", nil), ("0.0e-9223372036854775808", "0"), ("10e9223372036854775807", nil),
    ])
    func numbersKeepTheirValueOrAreRefused(_ text: String, _ kept: String?) throws {
        if let kept {
            #expect(try json(packed(text)) == kept)
        } else {
            let error = #expect(throws: MessagePackError.self) { try packed("[1,\(text)]") }
            #expect(error == MessagePackError(.numberNotKept, at: 3))
        }
    }

    @Test func orBecomeTheNearest() throws {
        #expect(try packed("1e400", .nearest) == unhex("cb 7ff0000000000000"))
        #expect(try packed("-1e400", .nearest) == unhex("cb fff0000000000000"))
        #expect(try packed("1e-400", .nearest) == unhex("cb 0000000000000000"))
        #expect(try json(packed("18446744073709551617", .nearest)) == "1.8446744073709552e+19")
        #expect(try packed("-9223372036854775809", .nearest) == unhex("cb c3e0000000000000"))
    }

    @Test(arguments: ["", "[", "[1,]", "{\"a\"}", "nul", "1 2", "[1]]", "\"", "\u{1}"])
    func whatIsNotJSONIsRefusedAndNothingIsWritten(_ text: String) {
        var writer = MessagePackWriter()
        writer.write(true)
        let bytes = Array(text.utf8)
        #expect(throws: MessagePackError.self) { try writer.write(json: bytes.span) }
        #expect(writer.bytes == [0xC3])
    }

    @Test func aNumberThatIsRefusedLeavesNothingBehind() {
        var writer = MessagePackWriter()
        let bytes = Array("[1,[2,1e999]]".utf8)
        #expect(throws: MessagePackError(.numberNotKept, at: 6)) { try writer.write(json: bytes.span) }
        #expect(writer.bytes.isEmpty)
    }

    @Test func depthIsThatOfTheScanner() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try json(packed(deepest)) == deepest)
        let error = #expect(throws: MessagePackError.self) { try packed("[\(deepest)]") }
        #expect(error?.kind == .tooDeep)
    }

    @Test func objectsCanStandForBinaryData() throws {
        let text = Array(#"[{"a":[{}]},{"n":{"m":[[],[]]}},[3]]"#.utf8)
        var asked: [String] = []
        var writer = MessagePackWriter()
        try writer.write(json: text.span) { range in
            asked.append(String(decoding: text[range], as: UTF8.self))
            return range.lowerBound == 12 ? [1, 2] : nil
        }
        #expect(asked == [#"{"a":[{}]}"#, "{}", #"{"n":{"m":[[],[]]}}"#])
        #expect(writer.bytes == unhex("93 81 a161 91 80  c4 02 0102  91 03"))
        #expect(throws: MessagePackError(.notInJSON, at: 1)) {
            try writer.write(json: text.span) { range throws(MessagePackError) in throw MessagePackError(.notInJSON, at: range.lowerBound) }
        }
    }

    @Test(arguments: [
        "c4 00", "d4 00 00", "cb 7ff0000000000000", "cb 7ff8000000000000", "d6 ff 00000000", "81 01 01", "a1 ff", "c7 00 00", "d4 05 00",
    ])
    func whatJSONHasNoEqualForIsRefused(_ digits: String) {
        let error = #expect(throws: MessagePackError.self) { try json(unhex("91" + digits)) }
        #expect(error?.kind == .notInJSON)
    }

    @Test(arguments: [
        ("92 d4 00 00 cb 7ff0000000000000", "[null,null]"),
        ("83 a161 d40000 a162 01 a163 d40000", #"{"b":1}"#),
        ("82 a161 01 a162 d40000", #"{"a":1}"#),
        ("81 a161 91 d40000", #"{"a":[null]}"#),
        ("d7 00 0000000000000001", #""1970-01-01T00:00:00.001Z""#),
        ("d6 ff 00000001", #""1970-01-01T00:00:01.000Z""#),
        ("d7 00 7fffffffffffffff", "null"),
        (
            "85 01 01 c0 02 c3 03 cb3ff8000000000000 04 cfffffffffffffffff 05",
            #"{"1":1,"null":2,"true":3,"1.5":4,"18446744073709551615":5}"#
        ),
        ("a2 61ff", "\"a\u{FFFD}\""),
        ("cb 4279a7078b074000", "1762823549044"),
        ("ca 3fc00000", "1.5"),
    ])
    func orWrittenAsJavaScriptWould(_ digits: String, _ text: String) throws {
        #expect(try json(unhex(digits), .javaScript) == text)
    }

    /// Found by fuzzing: an extension is one level more in JSON.
    @Test func theTextIsNeverDeeperThanAScannerGoes() throws {
        func nested(_ levels: Int) throws -> MessagePackValue {
            try MessagePackValue(Array(repeating: 0x91, count: levels) + unhex("d4 05 01"))
        }
        var output: [UInt8] = []
        try nested(63).appendJSON(to: &output, form: .javaScript) { _, output in output.append(UInt8(ascii: "0")) }
        #expect(output.starts(with: Array(repeating: UInt8(ascii: "["), count: 64)))
        let error = #expect(throws: MessagePackError.self) {
            try nested(64).appendJSON(to: &output, form: .javaScript) { _, output in output.append(UInt8(ascii: "0")) }
        }
        #expect(error == MessagePackError(.tooDeep, at: 64))
    }

    @Test func binaryDataIsTheCallersToWrite() throws {
        let value = try MessagePackValue(unhex("93 c4 02 0102  c7 01 00 03  d5 05 0405"))
        var ranges: [Range<Int>] = []
        var output: [UInt8] = []
        try value.appendJSON(to: &output, form: .javaScript) { range, output in
            output.append(contentsOf: String(ranges.count).utf8)
            ranges.append(range)
        }
        #expect(String(decoding: output, as: UTF8.self) == "[0,1,[5,2]]")
        #expect(ranges == [3..<5, 8..<9, 11..<13])
        #expect(throws: MessagePackError(.notInJSON, at: 1)) { try value.json(form: .javaScript) }
    }

    /// Any JSON text of the table's values, mutated: what is accepted comes back as the same MessagePack.
    @Test func whatIsAcceptedSurvivesTheWayBack() throws {
        var generator = SeededGenerator(seed: 17)
        let seeds = GoldenTable.written.map(\.json).filter { $0.count < 300 }
        var accepted = 0
        for _ in 0..<20_000 {
            var text = seeds.randomElement(using: &generator) ?? []
            text[Int.random(in: text.indices, using: &generator)] = UInt8.random(in: 0x20...0x7E, using: &generator)
            var writer = MessagePackWriter()
            guard (try? writer.write(json: text.span, numbers: .nearest)) != nil else { continue }
            guard let json = try? MessagePackValue(writer.bytes).json() else { continue }
            accepted += 1
            var again = MessagePackWriter()
            try again.write(json: json.span)
            #expect(try MessagePackValue(again.bytes).json() == json, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > 2_000)
    }
}
