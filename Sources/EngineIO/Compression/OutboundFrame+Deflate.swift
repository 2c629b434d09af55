import NIOCore

/// What of a message is sent to those who have agreed on compression.
extension OutboundFrame {
    /// The WebSocket frames, those of at least `threshold` bytes compressed where that makes them smaller.
    ///
    /// - Parameters:
    ///   - windowBits: The window of `deflater`.
    ///   - compressed: Called for each message that is compressed in earnest, and not found done already.
    func deflated(threshold: Int, windowBits: Int, by deflater: Deflater, compressed: () -> Void) -> ByteBuffer {
        guard isCompressible, byteCount >= threshold else { return webSocket }
        return deflatedForms.form(windowBits: windowBits) {
            var output = ByteBuffer()
            var rest = webSocket
            while let (opcode, payload) = Self.readFrame(&rest) {
                if payload.readableBytes >= threshold {
                    compressed()
                    let message = deflater.message(payload)
                    if message.readableBytes < payload.readableBytes {
                        // RSV1 (section 7.2.3.1).
                        Self.appendFrame(opcode: opcode | 0x40, message, to: &output)
                        continue
                    }
                }
                Self.appendFrame(opcode: opcode, payload, to: &output)
            }
            return output
        }
    }

    /// The next of our own frames: unmasked, whole, well-formed.
    private static func readFrame(_ buffer: inout ByteBuffer) -> (opcode: UInt8, payload: ByteBuffer)? {
        guard let opcode: UInt8 = buffer.readInteger(), let short: UInt8 = buffer.readInteger() else { return nil }
        let length: Int? =
            switch short {
            case 126: buffer.readInteger(as: UInt16.self).map(Int.init)
            case 127: buffer.readInteger(as: UInt64.self).map(Int.init)
            default: Int(short)
            }
        guard let payload = length.flatMap({ buffer.readSlice(length: $0) }) else { return nil }
        return (opcode, payload)
    }
}
