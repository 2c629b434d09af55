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

@Suite("JSONObject")
struct JSONObjectTests {
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
