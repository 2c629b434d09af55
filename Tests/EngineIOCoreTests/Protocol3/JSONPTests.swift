import EngineIOCore
import NIOCore
import Testing

@Suite("JSONP")
struct JSONPTests {
    private func script(_ payload: String) -> String { String(buffer: JSONP.script(index: 4, payload: ByteBuffer(string: payload))) }

    private func payload(_ form: String) -> String? { JSONP.payload(ofForm: ByteBuffer(string: form)).map { String(buffer: $0) } }

    @Test func thePayloadIsAStringForTheCallback() {
        #expect(script("packet data") == #"___eio[4]("packet data");"#)
        #expect(script("") == #"___eio[4]("");"#)
        #expect(script(#"8:42["é😀"]"#) == #"___eio[4]("8:42[\"é😀\"]");"#)
    }

    /// What `JSON.stringify` escapes, and the two separators that end a line in older JavaScript.
    @Test(arguments: [
        ("\"", #"\""#), ("\\", #"\\"#), ("\u{8}\t\n\u{C}\r", #"\b\t\n\f\r"#),
        ("\0\u{1}\u{B}\u{F}\u{10}\u{1F}", #"\u0000\u0001\u000b\u000f\u0010\u001f"#),
        ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("\u{2027}\u{202A}\u{20A8}", "\u{2027}\u{202A}\u{20A8}"), ("\u{7F}/<", "\u{7F}/<"),
        (#"\n"#, #"\\n"#),
    ])
    func whatWouldEndTheStringIsEscaped(_ payload: String, _ escaped: String) {
        #expect(script(payload) == "___eio[4](\"\(escaped)\");")
    }

    @Test func halfASeparatorAtTheEndIsLeftAlone() {
        let payload = ByteBuffer(bytes: [0x34, 0xE2, 0x80])
        #expect(
            JSONP.script(index: 0, payload: payload) == ByteBuffer(bytes: Array("___eio[0](\"4".utf8) + [0xE2, 0x80] + Array("\");".utf8))
        )
    }

    /// `j` reaches a script that a browser runs: nothing of it but a number may.
    @Test(
        arguments: [
            ("4", 4), ("0", 0), ("123456789", 123_456_789), ("1234567890", 123_456_789), ("", 0), ("alert(1)", 1), ("]=x;//", 0), ("٤", 0),
            ("-7", 7),
            ("007", 7),
        ] as [(String, UInt32)]
    )
    func theIndexIsTheDigitsOfJ(_ parameter: String, _ index: UInt32) {
        #expect(JSONP.index(parameter) == index)
    }

    @Test(arguments: [
        ("d=2%3A4a", "2:4a"), ("d=2:4a", "2:4a"), ("d=3:4+a", "3:4 a"), ("d=%32%3a4%C3%A9", "2:4é"), ("t=1&d=1:2&d=1:3", "1:2"), ("d=", ""),
        ("d=1%3A6&x", "1:6"), ("d=a=b", "a=b"), ("&&d=a", "a"), ("d=%zz%4", "%zz%4"),
    ])
    func theFieldDIsThePayload(_ form: String, _ expected: String) {
        #expect(payload(form) == expected)
    }

    @Test(arguments: ["", "d", "x=d=1", "D=1:2", "&", "dd=1:2", "1:2"])
    func aFormWithoutItHasNone(_ form: String) {
        #expect(payload(form) == nil)
    }

    /// Clients send a line feed as `\n`, and a backslash before an `n` as two.
    @Test(arguments: [
        (#"a\nb"#, "a\nb"), (#"a\\nb"#, #"a\nb"#), (#"\\\n"#, #"\\n"#), (#"\\\\n"#, #"\\\n"#), (#"\n\n"#, "\n\n"), (#"\"#, #"\"#),
        (#"\\"#, #"\\"#),
        (#"\t\"#, #"\t\"#), (#"n\"#, #"n\"#), (#"\\n\n"#, "\\n\n"),
    ])
    func escapedLineFeedsAreUndone(_ sent: String, _ meant: String) {
        #expect(payload("d=" + sent.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()) == meant)
        #expect(payload("d=" + sent) == meant)
    }
}
