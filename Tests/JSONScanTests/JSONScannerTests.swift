import JSONScan
import TestSupport
import Testing

@Suite("JSONScanner")
struct JSONScannerTests {
    private func scan(_ text: String) throws(JSONScanError) -> JSONSlice {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        let slice = try scanner.value()
        try scanner.end()
        return slice
    }

    @Test(arguments: [
        "{}", "[]", "[1]", "[1,2]", "{\"a\":1}", "{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":true}", " [ 1 , { \"a\" : [ ] } ] ", "\"x\"",
        "\"\\u00e9\\n\\\"\"", "0", "-0", "12.50", "1e9", "1.5E-7", "-3e+2", "true", "false", "null", "[[[[]]]]", "[{},{},[]]",
        "\"\u{1F600}\"",
    ])
    func accepts(_ text: String) throws {
        _ = try scan(text)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[1 2]", "01", "1.", ".5", "-", "1e",
        "+1", "nul", "tru", "truex", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"\n\"", "[1]]", "{}{}", "[}", "{]", "[1}", "NaN", "'a'",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONScanError.self) { try scan(text) }
    }

    @Test func depthIsBounded() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try scan(deepest)
        #expect(throws: JSONScanError.self) { try scan("[" + deepest + "]") }
        let error = #expect(throws: JSONScanError.self) { try scan(String(repeating: "{\"a\":", count: 100_000)) }
        #expect(error?.kind == .tooDeep)
    }

    @Test func everyPrefixIsRefusedWithoutReadingPastTheEnd() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",{"b":null,"c":[true,false]}]}"#.utf8)
        for length in 0..<text.count {
            let prefix = Array(text[..<length])
            var scanner = JSONScanner(prefix.span)
            #expect(throws: JSONScanError.self) { _ = try scanner.value() }
        }
    }

    @Test func mutationsNeverCrash() {
        var generator = SeededGenerator(seed: 3)
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",{"b":null,"c":[true,false]}],"d":"\ud83d\ude00"}"#.utf8)
        for _ in 0..<20_000 {
            guard let object = try? JSONObject(text.withBytesReplaced(upTo: 4, using: &generator)) else { continue }
            for key in object.keys { _ = object.string(key) }
        }
    }

    @Test func elementsAndMembersKeepTheirText() throws {
        let bytes = Array(#"["ev", {"price":105433.60000}, 1.10 ]"#.utf8)
        var texts: [String] = []
        var scanner = JSONScanner(bytes.span)
        try scanner.forEachElement { texts.append(String(decoding: bytes[$0.range], as: UTF8.self)) }
        #expect(texts == [#""ev""#, #"{"price":105433.60000}"#, "1.10"])
    }
}

/// Containers that are stepped into, and what is found in them.
@Suite("JSONScanner, step by step")
struct JSONSteppingTests {
    /// The keys and values of an object, those of arrays and objects in it too: what stands there, piece by piece.
    private func pieces(_ text: String) throws(JSONScanError) -> [String] {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        var pieces: [String] = []
        try walk(&scanner, bytes, &pieces)
        try scanner.end()
        return pieces
    }

    private func walk(_ scanner: inout JSONScanner, _ bytes: [UInt8], _ pieces: inout [String]) throws(JSONScanError) {
        let kind = try scanner.nextKind()
        guard kind == .object || kind == .array else {
            return pieces.append(String(decoding: bytes[try scanner.value().range], as: UTF8.self))
        }
        pieces.append(kind == .object ? "{" : "[")
        if try scanner.enter(kind) {
            repeat {
                if kind == .object { pieces.append(String(decoding: bytes[try scanner.key().range], as: UTF8.self) + ":") }
                try walk(&scanner, bytes, &pieces)
            } while try scanner.hasNext(in: kind)
        }
        pieces.append(kind == .object ? "}" : "]")
    }

    @Test func findsWhatStandsThere() throws {
        #expect(
            try pieces(#" [ 1 , { "a" : [ ] , "b":{}} ,"x"]"#) == [
                "[", "1", "{", "\"a\":", "[", "]", "\"b\":", "{", "}", "}", "\"x\"", "]",
            ]
        )
        #expect(try pieces("[]") == ["[", "]"])
        #expect(try pieces("{ }") == ["{", "}"])
    }

    @Test(arguments: [
        "", "[", "{", "[1", "[1,", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[1 2]", "[1]]", "[}", "{]", "[1}",
    ])
    func refusesWhatIsNoJSON(_ text: String) {
        #expect(throws: JSONScanError.self) { try pieces(text) }
    }

    /// What has been stepped into counts.
    @Test func depthIsBoundedAsForWholeValues() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try pieces(deepest)
        #expect(throws: JSONScanError.self) { try pieces("[" + deepest + "]") }
        for (entered, isAccepted) in [(2, true), (3, false)] {
            let bytes = Array((String(repeating: "[", count: entered) + String(deepest.dropFirst(2).dropLast(2))).utf8)
            var scanner = JSONScanner(bytes.span)
            for _ in 0..<entered { _ = try scanner.enter(.array) }
            let value = try? scanner.value()
            #expect((value != nil) == isAccepted)
        }
    }

    @Test func keysSayWhetherTheyAreWrittenPlainly() throws {
        let bytes = Array(#"{"a":1,"\u0061":2}"#.utf8)
        var scanner = JSONScanner(bytes.span)
        var plain: [Bool] = []
        _ = try scanner.enter(.object)
        repeat {
            plain.append(try scanner.key().isPlain)
            _ = try scanner.value()
        } while try scanner.hasNext(in: .object)
        #expect(plain == [true, false])
    }
}

@Suite("JSONObject")
struct JSONObjectTests {
    @Test func aMembersMembersAreFoundInTheSamePass() throws {
        let text = Array(#"[{"a":1},{"b":2, "data" : {"c":"x\u0079","d":[3]} ,"e":4}]"#.utf8)
        var scanner = JSONScanner(text.span)
        var inner: JSONObject?
        _ = try scanner.enter(.array)
        _ = try scanner.value()
        _ = try scanner.hasNext(in: .array)
        let object = try JSONObject(&scanner, of: text, steppingInto: "data", &inner)
        let isLast = try !scanner.hasNext(in: .array)
        #expect(isLast)
        #expect(object.keys == ["b", "data", "e"])
        #expect(object.integer("e") == 4)
        #expect(String(decoding: object.bytes, as: UTF8.self) == #"{"b":2, "data" : {"c":"x\u0079","d":[3]} ,"e":4}"#)
        #expect(inner.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"c":"x\u0079","d":[3]}"#)
        #expect(object.raw("data") == inner?.bytes)
        #expect(inner?.string("c") == "xy")
        #expect(inner?.raw("d").map { String(decoding: $0, as: UTF8.self) } == "[3]")
    }

    @Test(arguments: [(#"{"data":{"a":1},"data":2}"#, nil), (#"{"data":2,"data":{"a":1}}"#, ["a"]), (#"{"d\u0061ta":{"a":1}}"#, ["a"])])
    func theLastMemberOfTheNameIsSteppedInto(_ json: String, _ keys: [String]?) throws {
        let text = Array(json.utf8)
        var scanner = JSONScanner(text.span)
        var inner: JSONObject?
        _ = try JSONObject(&scanner, of: text, steppingInto: "data", &inner)
        #expect(inner?.keys == keys)
    }

    @Test func readsMembersByKind() throws {
        let object = try JSONObject(Array(#"{"room":"price:BTC-USDC","depth":25,"on":true,"types":["a","b"],"p":1.500}"#.utf8))
        #expect(object.string("room") == "price:BTC-USDC")
        #expect(object.integer("depth") == 25)
        #expect(object.bool("on") == true)
        #expect(object.strings("types") == ["a", "b"])
        #expect(object.raw("p").map { String(decoding: $0, as: UTF8.self) } == "1.500")
        #expect(object.string("depth") == nil)
        #expect(object.integer("p") == nil)
        #expect(object["none"] == nil)
    }

    @Test func theLastOfARepeatedKeyCounts() throws {
        #expect(try JSONObject(Array(#"{"a":"1","a":"2"}"#.utf8)).string("a") == "2")
    }

    @Test func keysAreUnescaped() throws {
        #expect(try JSONObject(Array(#"{"ro\u006fm":"x"}"#.utf8)).string("room") == "x")
    }

    @Test func numberOfMembersIsBounded() {
        let many = "{" + (0..<300).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        #expect(throws: JSONScanError.self) { try JSONObject(Array(many.utf8)) }
    }
}

@Suite("JSONString")
struct JSONStringTests {
    @Test(arguments: ["", "plain", "quote\"backslash\\", "line\nfeed\ttab\rreturn", "\u{01}\u{1f}", "é😀"])
    func literalsRoundTrip(_ text: String) {
        let bytes = Array(JSONString.literal(text).utf8)
        let decoded = JSONString.decode(bytes.span, 0..<bytes.count)
        #expect(decoded == text)
    }

    @Test(arguments: [(#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"), (#""\/\b\f""#, "/\u{08}\u{0C}")])
    func escapesAreDecoded(_ literal: String, _ text: String) {
        let bytes = Array(literal.utf8)
        let decoded = JSONString.decode(bytes.span, 0..<bytes.count)
        #expect(decoded == text)
    }

    @Test func comparesWithoutAndWithEscapes() {
        for literal in [#""room""#, #""ro\u006fm""#] {
            let bytes = Array(literal.utf8)
            let isRoom = JSONString.equals(bytes.span, 0..<bytes.count, "room")
            let isRooms = JSONString.equals(bytes.span, 0..<bytes.count, "rooms")
            #expect(isRoom && !isRooms)
        }
    }
}
