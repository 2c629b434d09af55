import EngineIOCore
import NIOCore

/// Frames that wait for a connection: for its next poll, or for a socket that the kernel reports full.
///
/// Two lanes: messages of which none may be missing, in order; behind them the latest values, of each key only the newest. The
/// connection asks it after each addition whether the bound is passed.
struct OutboundQueue {
    private var everyMessage: CircularBuffer<OutboundFrame> = []
    private var latestValues: LatestValueLane?
    /// Bytes waiting.
    private(set) var byteCount = 0
    /// Bytes of the messages up to the last that its client had missed.
    private var discountedBytes = 0
    /// Since when something has been waiting without a break.
    private(set) var waitingSince: MonotonicInstant?

    /// An empty queue; `waitingSince` where bytes wait elsewhere already, in the channel.
    init(waitingSince: MonotonicInstant? = nil) {
        self.waitingSince = waitingSince
    }

    var isEmpty: Bool { everyMessage.isEmpty && latestValues == nil }

    /// Whether something waits that was not sent because the client was away.
    var holdsMissed: Bool { discountedBytes > 0 }

    /// Bytes that count against the bound: those behind what was sent because the client had missed it.
    var countedBytes: Int { byteCount - discountedBytes }

    /// The messages that wait now are what the client has missed, or stand before that.
    mutating func discount() { discountedBytes = byteCount - (latestValues?.byteCount ?? 0) }

    /// Adds a frame. With `conflates`, a latest value takes the place of the one with its key: returns whether it did.
    mutating func append(_ frame: OutboundFrame, conflates: Bool, now: MonotonicInstant) -> Bool {
        waitingSince = waitingSince ?? now
        if conflates, let message = frame.conflation {
            let lane = latestValues ?? LatestValueLane()
            latestValues = lane
            byteCount -= lane.byteCount
            defer { byteCount += lane.byteCount }
            return lane.put(frame, message)
        }
        everyMessage.append(frame)
        byteCount += frame.byteCount
        return false
    }

    /// Drops the latest values of `group`.
    mutating func forget(group: String) { forget { $0 == group } }

    /// Drops the latest values of the groups that match.
    mutating func forget(where matches: (_ group: String) -> Bool) {
        guard let lane = latestValues else { return }
        byteCount -= lane.byteCount
        lane.forget(where: matches)
        byteCount += lane.byteCount
        if lane.isEmpty { latestValues = nil }
    }

    /// Takes frames from the front until about `limit` bytes are reached, at least one; latest values only once no other message waits.
    mutating func take(upTo limit: Int, now: MonotonicInstant) -> [OutboundFrame] {
        var taken: [OutboundFrame] = []
        var bytes = 0
        while let frame = everyMessage.first, taken.isEmpty || bytes + frame.byteCount <= limit {
            taken.append(everyMessage.removeFirst())
            bytes += frame.byteCount
        }
        byteCount -= bytes
        discountedBytes = max(0, discountedBytes - bytes)
        if everyMessage.isEmpty, let lane = latestValues {
            byteCount -= lane.byteCount
            while let next = lane.firstByteCount, taken.isEmpty || bytes + next <= limit, let frame = lane.takeFirst() {
                taken.append(frame)
                bytes += frame.byteCount
            }
            byteCount += lane.byteCount
            if lane.isEmpty { latestValues = nil }
        }
        // Something got through: what is left is counted from here.
        waitingSince = now
        return taken
    }

    /// Takes everything.
    mutating func takeAll() -> [OutboundFrame] {
        var frames = Array(everyMessage)
        if let lane = latestValues {
            while let frame = lane.takeFirst() { frames.append(frame) }
        }
        self = OutboundQueue()
        return frames
    }
}
