import CZlib
import NIOCore

/// A zlib stream that compresses one message after another, each for itself: nothing of one is needed to read the next.
///
/// Keeps about 260 KB with the default settings, which is why a loop has one of each kind and not every connection.
final class Deflater {
    /// How the compressed bytes are wrapped.
    enum Format: Hashable {
        /// Not at all (RFC 1951), with a window of 2^`windowBits` bytes, 9 to 15.
        case raw(windowBits: Int)
        /// RFC 1950: what HTTP calls `deflate`.
        case zlib
        /// RFC 1952.
        case gzip

        fileprivate var windowBits: CInt {
            switch self {
            case .raw(let bits): -CInt(bits)
            case .zlib: 15
            case .gzip: 15 + 16
            }
        }
    }

    // Behind a pointer because zlib's state points back at it: it must never move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `nil` where zlib refuses the settings or finds no memory.
    init?(_ format: Format, level: Int, memoryLevel: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard CZlib_deflateInit2(stream, CInt(level), format.windowBits, CInt(memoryLevel)) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses a message of a WebSocket (RFC 7692, section 7.2.1): to a byte boundary, without the empty block at the end.
    func message(_ payload: ByteBuffer) -> ByteBuffer {
        let compressed = run(payload, flush: Z_SYNC_FLUSH)
        return compressed.getSlice(at: compressed.readerIndex, length: compressed.readableBytes - 4) ?? compressed
    }

    /// Compresses a whole body.
    func body(_ bytes: ByteBuffer) -> ByteBuffer {
        run(bytes, flush: Z_FINISH)
    }

    private func run(_ bytes: ByteBuffer, flush: CInt) -> ByteBuffer {
        deflateReset(stream)
        var output = ByteBuffer()
        // Room for the trailer and the flush beside what zlib reckons: one call is then enough.
        let bound = Int(deflateBound(stream, uLong(bytes.readableBytes))) + 32
        // `unsafe`: both pointers are used within the closures only, for as many bytes as the buffers have.
        bytes.withUnsafeReadableBytes { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
                    stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(target.count)
                    deflate(stream, flush)
                    return target.count - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        return output
    }
}
