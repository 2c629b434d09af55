import NIOCore

/// Masked text frames of the lean client. The mask is zero, which leaves the payload as it is: nothing lies between it and the server.
enum ClientFrame {
    /// One whole text frame (RFC 6455, section 5.2).
    static func text(_ text: String) -> ByteBuffer {
        var frame = ByteBuffer()
        let length = text.utf8.count
        frame.writeInteger(UInt8(0x81))
        if length < 126 {
            frame.writeInteger(UInt8(0x80) | UInt8(length))
        } else {
            frame.writeInteger(UInt8(0x80 | 126))
            frame.writeInteger(UInt16(length))
        }
        frame.writeInteger(UInt32(0))
        frame.writeString(text)
        return frame
    }
}
