import NIOCore

/// The buffers that connections read into. None stays with an idle connection: SwiftNIO keeps the first one of a channel for good, so that is
/// a few bytes only, and each other goes back to the loop, or is let go of with the last message that was read into it.
struct ReceiveAllocator: RecvByteBufferAllocator {
    private let loop: EngineLoop?
    private var isFirst = true

    /// The beginning of a request; the rest of it comes with the next read.
    private static let firstCapacity = 16

    /// - Parameter loop: Where buffers come from and go back to; it must be the channel's.
    init(loop: EngineLoop?) {
        self.loop = loop
    }

    /// Has a channel read once each time it is readable, so that none keeps others waiting, and keep one buffer at most.
    static func readOnce(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        if isFirst { return allocator.buffer(capacity: Self.firstCapacity) }
        return loop?.receiveBuffers.take() ?? allocator.buffer(capacity: ReceiveBuffers.capacity)
    }

    /// No buffer is to be used again.
    func nextBufferSize() -> Int? { nil }

    mutating func record(actualReadBytes: Int) -> Bool {
        isFirst = false
        // "May be larger the next time", which keeps the channel from using the first one again.
        return true
    }
}

/// The one receive buffer that the connections of a loop use in turn, because one read is dealt with before the next.
///
/// Nobody has to say whether what was read is still needed: a buffer that others refer to is not handed out again.
struct ReceiveBuffers {
    /// Holds an opening request with its token, or some dozens of client events. Longer messages take several reads.
    static let capacity = 4096

    private var spare: ByteBuffer?

    /// A buffer that nobody else refers to, empty.
    mutating func take() -> ByteBuffer {
        if var buffer = spare.take(), buffer.modifyIfUniquelyOwned({ $0.clear() }) != nil { return buffer }
        return ByteBufferAllocator().buffer(capacity: Self.capacity)
    }

    /// What was read into `buffer` has been dealt with, whether all of it is needed no more or not.
    mutating func giveBack(_ buffer: ByteBuffer) {
        // Not the few bytes that a channel keeps, nor what has grown.
        if buffer.storageCapacity == Self.capacity { spare = buffer }
    }
}
