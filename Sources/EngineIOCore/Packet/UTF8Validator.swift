package import NIOCore

/// Checks text that comes in parts for well-formed UTF-8 (RFC 3629, section 4): the first byte that cannot belong to a character is refused
/// with the part it is in, however much of the text is still to come.
package struct UTF8Validator: Sendable {
    /// How many bytes of the last character are still due.
    private var missing: UInt8 = 0
    /// What the next of them may be: after some first bytes less than `80` to `BF`.
    private var expected: ClosedRange<UInt8> = Self.continuation

    private static let continuation: ClosedRange<UInt8> = 0x80...0xBF

    package init() {}

    /// Whether the text so far ends with a whole character.
    package var isComplete: Bool { missing == 0 }

    /// The next part; `false` where it cannot be the continuation of what came before.
    package mutating func consume(_ part: ByteBuffer) -> Bool {
        part.readableBytesView.withContiguousStorageIfAvailable { consume($0) } ?? false
    }

    private mutating func consume(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 {
                index += Self.countOfASCII(bytes[index...])
                guard index < bytes.count else { return true }
                guard begin(bytes[index]) else { return false }
            } else {
                guard expected.contains(bytes[index]) else { return false }
                missing -= 1
                expected = Self.continuation
            }
            index += 1
        }
        return true
    }

    /// The first byte of a character that is not ASCII.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF: missing = 2
        case 0xF0...0xF4: missing = 3
        default: return false
        }
        switch byte {
        // Overlong forms, surrogates, and what lies beyond U+10FFFF.
        case 0xE0: expected = 0xA0...0xBF
        case 0xED: expected = 0x80...0x9F
        case 0xF0: expected = 0x90...0xBF
        case 0xF4: expected = 0x80...0x8F
        default: break
        }
        return true
    }

    /// How many ASCII bytes come first, looked at eight at a time.
    private static func countOfASCII(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes))
        var count = 0
        while count + 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: count, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
            count += 8
        }
        while count < bytes.count, bytes[count] < 0x80 { count += 1 }
        return count
    }
}
