import NIOCore

/// Lengths in UTF-16 code units, which is what JavaScript counts as characters, of text that lies in memory as UTF-8.
enum UTF16Length {
    /// How many units `text` has.
    static func count(_ text: ByteBuffer) -> Int {
        var units = 0
        let bytes = text.readableBytesUInt8Span
        for index in bytes.indices {
            // Every character has one byte that is no continuation; those beyond U+FFFF, of four bytes, are two units.
            if bytes[index] & 0xC0 != 0x80 { units += bytes[index] >= 0xF0 ? 2 : 1 }
        }
        return units
    }

    /// How many bytes the first `units` units of `text`, which is valid UTF-8, take; `nil` where it has fewer, or where the last of them is
    /// half a character.
    static func byteCount(ofFirst units: Int, in text: ByteBuffer) -> Int? {
        let bytes = text.readableBytesUInt8Span
        // A unit takes at least a byte: what cannot fit is not walked through.
        guard units <= bytes.count else { return nil }
        var index = 0
        var rest = units
        while rest > 0, index < bytes.count {
            switch bytes[index] {
            case ..<0x80: index += 1
            case ..<0xE0: index += 2
            case ..<0xF0: index += 3
            default:
                index += 4
                rest -= 1
            }
            rest -= 1
        }
        return rest == 0 && index <= bytes.count ? index : nil
    }
}
