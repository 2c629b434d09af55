import NIOCore

/// One frame of a WebSocket (RFC 6455, section 5.2), as far as a server of ours sends it: whole and without a mask.
struct MemoryFrame {
    enum Opcode: UInt8 {
        case text = 0x81
        case binary = 0x82
        case close = 0x88
    }

    let opcode: Opcode
    let payload: ByteBuffer

    /// Takes a frame off the front; `nil` where it has not come whole.
    init?(_ bytes: inout ByteBuffer) {
        var rest = bytes
        guard let first: UInt8 = rest.readInteger(), let opcode = Opcode(rawValue: first), let short: UInt8 = rest.readInteger() else {
            return nil
        }
        var length = Int(short)
        if short == 126 {
            guard let long: UInt16 = rest.readInteger() else { return nil }
            length = Int(long)
        } else if short == 127 {
            guard let long: UInt64 = rest.readInteger() else { return nil }
            length = Int(long)
        }
        guard let payload = rest.readSlice(length: length) else { return nil }
        bytes = rest
        self.opcode = opcode
        self.payload = payload
    }

    /// A client's text frame. The mask that it must have is zero, so that the payload stays readable.
    static func encode(text: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer(bytes: [Opcode.text.rawValue])
        switch text.readableBytes {
        case ..<126: frame.writeInteger(0x80 | UInt8(text.readableBytes))
        case ...0xFFFF:
            frame.writeInteger(UInt8(0x80 | 126))
            frame.writeInteger(UInt16(text.readableBytes))
        default:
            frame.writeInteger(UInt8(0x80 | 127))
            frame.writeInteger(UInt64(text.readableBytes))
        }
        frame.writeInteger(UInt32(0))
        frame.writeImmutableBuffer(text)
        return frame
    }
}
