import NIOCore

/// What is compressed on a loop.
extension EngineLoop {
    /// What of a sequence goes to a WebSocket that has agreed on `windowBits`, or on no compression.
    func pendingBytes(_ cursor: PendingFrames.Cursor, windowBits: Int?) -> ByteBuffer {
        guard let windowBits else { return pending.bytes(cursor) }
        return pending.deflatedBytes(cursor, windowBits: windowBits) { deflated($0, windowBits: windowBits) }
    }

    /// What of `frame` goes to a WebSocket that has agreed on compression; as it is where zlib has no memory.
    func deflated(_ frame: OutboundFrame, windowBits: Int) -> ByteBuffer {
        guard let settings = configuration.perMessageDeflate?.clamped,
            let deflater = compressors.deflater(
                .raw(windowBits: windowBits),
                level: settings.level,
                memoryLevel: settings.memoryLevel
            )
        else { return frame.webSocket }
        return frame.deflated(threshold: settings.threshold, windowBits: windowBits, by: deflater) { statistics.compressions += 1 }
    }

    /// `body` as `coding` wants it; `nil` where zlib has no memory.
    func encoded(_ body: ByteBuffer, as coding: ContentCoding, level: Int) -> ByteBuffer? {
        compressors.deflater(coding.format, level: level, memoryLevel: 8)?.body(body)
    }
}
