import EngineIOCore
import NIOCore

/// Frames that wait for a connection: for its next poll, or for a socket that the kernel reports full.
///
/// A value; the connection asks it after each addition whether the bound is passed.
struct OutboundQueue {
    private var frames: CircularBuffer<OutboundFrame> = []
    /// Bytes waiting.
    private(set) var byteCount = 0
    /// Since when something has been waiting without a break.
    private(set) var waitingSince: MonotonicInstant?

    /// An empty queue; `waitingSince` where bytes wait elsewhere already, in the channel.
    init(waitingSince: MonotonicInstant? = nil) {
        self.waitingSince = waitingSince
    }

    var isEmpty: Bool { frames.isEmpty }

    mutating func append(_ frame: OutboundFrame, now: MonotonicInstant) {
        waitingSince = waitingSince ?? now
        frames.append(frame)
        byteCount += frame.byteCount
    }

    /// Takes frames from the front until about `limit` bytes are reached, at least one.
    mutating func take(upTo limit: Int, now: MonotonicInstant) -> [OutboundFrame] {
        var taken: [OutboundFrame] = []
        var bytes = 0
        while let frame = frames.first, taken.isEmpty || bytes + frame.byteCount <= limit {
            taken.append(frames.removeFirst())
            bytes += frame.byteCount
        }
        byteCount -= bytes
        // Something got through: what is left is counted from here.
        waitingSince = now
        return taken
    }

    /// Takes everything.
    mutating func takeAll() -> [OutboundFrame] {
        defer { self = OutboundQueue() }
        return Array(frames)
    }
}
