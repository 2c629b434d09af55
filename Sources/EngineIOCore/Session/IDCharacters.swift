/// The characters that ids are written with, six bits each: those of base64url, which need no escapes in a URL, a cookie or JSON.
package enum IDCharacters {
    private static let all = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The character of the lowest six bits of `number`.
    package static func character(of number: UInt64) -> UInt8 { all[Int(number & 63)] }

    /// The six bits that a character stands for; `nil` for one that no id has.
    package static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt64(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
