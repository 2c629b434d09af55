import NIOCore

/// The buffers that connections read into. None stays with an idle connection: SwiftNIO keeps the first one of a channel for good, so that is
/// a few bytes only, and each other is let go of with the last message that was read into it.
struct ReceiveAllocator: RecvByteBufferAllocator {
    private var isFirst = true

    /// The beginning of a request; the rest of it comes with the next read.
    private static let firstCapacity = 16
    /// Holds an opening request with its token, or some dozens of client events. Longer messages take several reads.
    private static let capacity = 4096

    /// Has a channel read once each time it is readable, so that none keeps others waiting, and keep one buffer at most.
    static func readOnce(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isFirst ? Self.firstCapacity : Self.capacity)
    }

    /// No buffer is to be used again.
    func nextBufferSize() -> Int? { nil }

    mutating func record(actualReadBytes: Int) -> Bool {
        isFirst = false
        // "May be larger the next time", which keeps the channel from using the first one again.
        return true
    }
}
