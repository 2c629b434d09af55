import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes to a socket's descriptor past its channel, which takes SwiftNIO's fan-out from 60 % of the kernel's limit to all of it.
///
/// Valid only while nothing is pending in the channel (bytes would overtake) and only until the channel begins to close (the number may
/// belong to another client by then): ``WebSocketTransport`` keeps both rules.
struct DirectSocket: Equatable {
    let descriptor: CInt

    /// Where bytes go through the channel.
    static var none: Self { Self(descriptor: -1) }

    enum Outcome {
        /// The kernel took this many bytes; fewer than given means that its buffer is full.
        case wrote(Int)
        /// The connection is broken; its channel will notice.
        case failed
    }

    @inline(__always)
    func write(_ buffer: ByteBuffer) -> Outcome {
        // `unsafe`: the pointer is used within the closure only, for as many bytes as the buffer has.
        buffer.withUnsafeReadableBytes { bytes in
            while true {
                #if canImport(Darwin)
                    let flags = MSG_DONTWAIT
                #else
                    let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
                #endif
                let count = send(descriptor, bytes.baseAddress, bytes.count, flags)
                if count >= 0 { return .wrote(count) }
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK: return .wrote(0)
                default: return .failed
                }
            }
        }
    }
}
