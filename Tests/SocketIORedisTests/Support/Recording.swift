import NIOCore

/// Bytes as `redis-cli monitor` prints them, so that what a peer was seen to send stands in a test as it was seen.
func recorded(_ text: String) -> ByteBuffer {
    let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8,
    ]
    var (bytes, rest) = (ByteBuffer(), Array(text.utf8)[...])
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
            bytes.writeInteger(byte)
            continue
        }
        if escape == UInt8(ascii: "x") {
            bytes.writeInteger(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        } else {
            bytes.writeInteger(escapes[escape] ?? escape)
        }
    }
    return bytes
}
