/// What may stand in a header (RFC 9110, section 5).
enum HeaderText {
    /// Whether `text` is a token (section 5.6.2).
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy(isOfName)
    }

    /// Whether both are the same but for the case of ASCII letters.
    static func isSame(_ text: String, _ other: String) -> Bool { isSame(text.utf8[...], other.utf8[...]) }

    /// Whether the list that `value` is (section 5.6.1) has `token` in it, in whatever case. A tab behind an item makes it another, which RFC 9110
    /// does not say but llhttp does: what it takes for an upgrade and what is one here must be the same.
    static func lists(_ value: String, _ token: String) -> Bool {
        var rest = value.utf8[...]
        while true {
            let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
            var item = rest[..<end].drop(while: isSpace)
            while item.last == 0x20 { item.removeLast() }
            if isSame(item, token.utf8[...]) { return true }
            guard end < rest.endIndex else { return false }
            rest = rest[rest.index(after: end)...]
        }
    }

    private static func isSame(_ text: Substring.UTF8View, _ other: Substring.UTF8View) -> Bool {
        text.count == other.count && zip(text, other).allSatisfy { lower($0) == lower($1) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether a token may hold `byte`.
    static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Whether `text` holds neither control characters but the tab, nor DEL: the reference server's test of `Origin`.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
