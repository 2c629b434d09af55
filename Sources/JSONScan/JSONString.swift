/// Reading and writing of JSON string literals (RFC 8259, section 7).
public enum JSONString {
    /// The text of the string literal at `range` (quotes included), which a ``JSONScanner`` has accepted.
    ///
    /// A lone surrogate escape becomes U+FFFD, as text in Swift cannot hold it.
    public static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        // `unsafe`: the pointer is used within the closure only. Nearly no literal has an escape, and one without is the text already.
        let plain = bytes.extracting(range.lowerBound + 1..<range.upperBound - 1).withUnsafeBufferPointer { text in
            text.contains(UInt8(ascii: "\\")) ? nil : String(decoding: text, as: UTF8.self)
        }
        if let plain { return plain }
        var units: [UInt8] = []
        units.reserveCapacity(range.count - 2)
        var index = range.lowerBound + 1
        let end = range.upperBound - 1
        while index < end {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = codeUnit(bytes, index)
                index += 4
                if (0xD800...0xDBFF).contains(scalar), index + 6 <= end, bytes[index] == UInt8(ascii: "\\"),
                    bytes[index + 1] == UInt8(ascii: "u")
                {
                    let low = codeUnit(bytes, index + 2)
                    if (0xDC00...0xDFFF).contains(low) {
                        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                        index += 6
                    }
                }
                units.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            default: units.append(escape)
            }
        }
        return String(decoding: units, as: UTF8.self)
    }

    /// Whether the literal at `range` (quotes included) is `text`, without making a string unless it holds an escape.
    public static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        let count = range.count - 2
        var hasEscape = false
        var isEqual = count == text.utf8CodeUnitCount
        for offset in 0..<count {
            let byte = bytes[range.lowerBound + 1 + offset]
            if byte == UInt8(ascii: "\\") { hasEscape = true }
            if isEqual, byte != text.utf8Start[offset] { isEqual = false }
        }
        return hasEscape ? decode(bytes, range) == text.description : isEqual
    }

    /// Appends `text` as a string literal, quotes included.
    public static func append(_ text: some StringProtocol, to output: inout some RangeReplaceableCollection<UInt8>) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output.append(contentsOf: "\\u00".utf8)
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// `text` as a string literal, quotes included.
    public static func literal(_ text: some StringProtocol) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 2)
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private static func codeUnit(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<4 { value = value << 4 | UInt32(hexDigit(bytes[index + offset]) ?? 0) }
        return value
    }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
