package import NIOCore

/// Base64 with padding (RFC 4648, section 4), straight between byte buffers.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: ByteBuffer, into output: inout ByteBuffer) {
        let view = bytes.readableBytesView
        output.reserveCapacity(minimumWritableBytes: (view.count + 2) / 3 * 4)
        var index = view.startIndex
        while index < view.endIndex {
            let count = min(3, view.endIndex - index)
            let first = view[index]
            let second = count > 1 ? view[index + 1] : 0
            let third = count > 2 ? view[index + 2] : 0
            output.writeInteger(alphabet[Int(first >> 2)])
            output.writeInteger(alphabet[Int((first & 3) << 4 | second >> 4)])
            output.writeInteger(count > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            output.writeInteger(count > 2 ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
            index += count
        }
    }

    /// `nil` where the text is not base64. Missing padding is accepted, as Node does.
    package static func decode(_ text: ByteBuffer) -> ByteBuffer? {
        var view = text.readableBytesView[...]
        if view.count % 4 == 0 {
            if view.last == UInt8(ascii: "=") { view = view.dropLast() }
            if view.last == UInt8(ascii: "=") { view = view.dropLast() }
        }
        guard view.count % 4 != 1 else { return nil }
        var output = ByteBuffer()
        output.reserveCapacity(view.count * 3 / 4)
        var accumulator: UInt32 = 0
        var bits = 0
        for character in view {
            let value = values[Int(character)]
            guard value != 0xFF else { return nil }
            accumulator = accumulator << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.writeInteger(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
            }
        }
        return output
    }
}
