import CZlib
import NIOCore

/// A zlib stream that expands one compressed WebSocket message after another (RFC 7692, section 7.2.2), each for itself.
///
/// One serves a whole loop: with `client_no_context_takeover` no message needs anything of an earlier one.
final class Inflater {
    enum Failure: Error, Hashable {
        /// More than the limit came out.
        case tooLarge
        /// Not what a compressor makes.
        case corrupt
    }

    // Behind a pointer because zlib's state points back at it: it must never move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `nil` where zlib finds no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The largest window: whatever the client uses fits.
        guard CZlib_inflateInit2(stream, -15) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The message that was compressed to `payload`, of at most `limit` bytes: no more than that is ever expanded.
    func message(_ payload: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
        inflateReset(stream)
        var output = ByteBuffer()
        // What the sender has taken off.
        if try expand(payload, into: &output, limit: limit) == .block {
            guard try expand(ByteBuffer(bytes: [0x00, 0x00, 0xFF, 0xFF]), into: &output, limit: limit) == .block,
                // Bit 7: zlib stands between two blocks, so that nothing is missing (zlib.h, `inflate`).
                stream.pointee.data_type & 128 != 0
            else { throw .corrupt }
        }
        return output
    }

    private enum End {
        /// Everything has been taken in.
        case block
        /// So it has, and its last block was marked as the last of all.
        case stream
    }

    private func expand(_ input: ByteBuffer, into output: inout ByteBuffer, limit: Int) throws(Failure) -> End {
        var rest = input
        while true {
            let room = min(max(output.readableBytes, input.readableBytes * 4, 1024), limit - output.readableBytes + 1)
            let (result, isFull) = step(&rest, into: &output, room: room)
            guard output.readableBytes <= limit else { throw .tooLarge }
            switch result {
            case Z_OK, Z_BUF_ERROR:
                if !isFull {
                    guard rest.readableBytes == 0 else { throw .corrupt }
                    return .block
                }
            case Z_STREAM_END:
                // Section 7.2.3.4 lets a sender mark a block as the last, and go on.
                inflateReset(stream)
                if rest.readableBytes == 0 { return .stream }
            default:
                throw .corrupt
            }
        }
    }

    /// One call of zlib: how it ended, and whether it has used all of `room`.
    private func step(_ input: inout ByteBuffer, into output: inout ByteBuffer, room: Int) -> (result: CInt, isFull: Bool) {
        var result = Z_OK
        // `unsafe`: both pointers are used within the closures only, for as many bytes as the buffers have.
        input.readWithUnsafeReadableBytes { source in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(room)
                result = inflate(stream, Z_SYNC_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            return source.count - Int(stream.pointee.avail_in)
        }
        return (result, stream.pointee.avail_out == 0)
    }
}
