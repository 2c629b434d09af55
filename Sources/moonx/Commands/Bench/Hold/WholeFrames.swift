import NIOCore

/// Cuts what a server sends into whole frames, so that their payloads can be looked into: RFC 6455, unmasked, in pieces of any size.
///
/// A value that holds memory only while a frame is in pieces.
struct WholeFrames {
    private var rest = ByteBuffer()

    /// Calls `body` with the opcode and payload of each frame that is whole now.
    mutating func received(_ piece: ByteBuffer, _ body: (UInt8, UnsafeRawBufferPointer) -> Void) {
        var bytes = piece
        if rest.readableBytes > 0 {
            rest.writeImmutableBuffer(piece)
            bytes = rest
        }
        // `unsafe`: the pointers are used within the closures only.
        let consumed = bytes.withUnsafeReadableBytes { all in
            var place = 0
            while let (opcode, payload) = Self.frame(at: place, in: all) {
                body(opcode, UnsafeRawBufferPointer(rebasing: all[payload]))
                place = payload.upperBound
            }
            return place
        }
        // Copied, so that the read buffer is not kept for a few bytes.
        rest = consumed < bytes.readableBytes ? ByteBuffer(bytes: bytes.readableBytesView.dropFirst(consumed)) : ByteBuffer()
    }

    private static func frame(at start: Int, in bytes: UnsafeRawBufferPointer) -> (opcode: UInt8, payload: Range<Int>)? {
        guard bytes.count - start >= 2 else { return nil }
        let short = Int(bytes[start + 1] & 0x7F)
        let lengthBytes = short < 126 ? 0 : short == 126 ? 2 : 8
        guard bytes.count - start >= 2 + lengthBytes else { return nil }
        let first = start + 2 + lengthBytes
        let length = lengthBytes == 0 ? short : bytes[start + 2..<first].reduce(0) { ($0 & (1 << 40 - 1)) << 8 | Int($1) }
        guard bytes.count - first >= length else { return nil }
        return (bytes[start] & 0x0F, first..<first + length)
    }
}
