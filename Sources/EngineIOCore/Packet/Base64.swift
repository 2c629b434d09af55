package import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Base64 with padding (RFC 4648, section 4) for byte buffers, by Foundation.
package enum Base64 {
    /// Appends the text of `bytes` to `output`.
    package static func encode(_ bytes: ByteBuffer, into output: inout ByteBuffer) {
        output.writeBytes(Data(bytes.readableBytesView).base64EncodedData())
    }

    /// Appends the text of a few bytes, which costs less than Foundation's way there.
    package static func encode(_ bytes: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: (bytes.count + 2) / 3 * 4) { text in
            var written = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let group = bytes[start..<min(start + 3, bytes.count)]
                var bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
                bits <<= 8
                for place in 0..<4 {
                    text[written + place] = place > group.count ? UInt8(ascii: "=") : alphabet.utf8Start[Int(bits >> 26)]
                    bits <<= 6
                }
                written += 4
            }
            return written
        }
    }

    /// The text of `bytes`.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Data(bytes).base64EncodedString()
    }

    /// `nil` where the text is not base64. Missing padding is accepted, as Node does.
    package static func decode(_ text: ByteBuffer) -> ByteBuffer? {
        let view = text.readableBytesView
        let surplus = view.count % 4
        if let padding = view.firstIndex(of: UInt8(ascii: "=")) {
            // Foundation takes padding wherever it stands, and any amount of it.
            guard surplus == 0, view.endIndex - padding <= 2, view.last == UInt8(ascii: "=") else { return nil }
        }
        guard surplus != 1 else { return nil }
        var padded = Data(view)
        padded.append(contentsOf: repeatElement(UInt8(ascii: "="), count: surplus == 0 ? 0 : 4 - surplus))
        return Data(base64Encoded: padded).map { ByteBuffer(bytes: $0) }
    }
}
