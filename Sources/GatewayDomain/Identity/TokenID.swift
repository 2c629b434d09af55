/// The id of an access token (its `jti`), by which it can be revoked. Any text.
///
/// Nearly all are UUIDs in small letters, and are kept as the numbers that they stand for: as text each would be a block of memory of its own,
/// for every connection.
public struct TokenID: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    private enum Form: Hashable, Sendable {
        case uuid(UInt64, UInt64)
        case text(String)
    }

    private let form: Form

    /// The id as it stands in the token.
    public init(_ text: String) {
        form = Self.uuid(text).map { .uuid($0.0, $0.1) } ?? .text(text)
    }

    /// The id as it stands in the token.
    public var rawValue: String {
        switch form {
        case .text(let text): text
        case .uuid(let high, let low): Self.text(high, low)
        }
    }

    /// The id as it stands in the token.
    public var description: String { rawValue }

    /// The id as it stands in the token.
    public init(stringLiteral text: String) { self.init(text) }

    private static let length = 36
    private static func isDash(_ index: Int) -> Bool { index == 8 || index == 13 || index == 18 || index == 23 }

    /// `nil` for what is not exactly as ``text(_:_:)`` writes it (RFC 9562, section 4): two ids must not become one.
    private static func uuid(_ text: String) -> (UInt64, UInt64)? {
        guard text.utf8.count == length else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in text.utf8.enumerated() {
            if isDash(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if index < 18 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
        }
        return words
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        // `unsafe`: the pointer is used within the closure only, for the bytes that were asked for.
        String(unsafeUninitializedCapacity: length) { buffer in
            var shift = 64
            for index in 0..<length {
                if index == 18 { shift = 64 }
                if isDash(index) {
                    buffer[index] = UInt8(ascii: "-")
                    continue
                }
                shift -= 4
                let digit = UInt8((index < 18 ? high : low) >> UInt64(shift) & 15)
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return length
        }
    }
}
