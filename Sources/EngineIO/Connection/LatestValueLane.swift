import NIOCore

/// The latest values that wait for a slow connection: one for each key, the key that has waited longest first.
///
/// A class, so that the many connections that keep up hold a pointer only.
final class LatestValueLane {
    private struct Waiting {
        var message: any ConflatableMessage
        /// The frame that everyone gets, as long as nothing was replaced.
        var frame: OutboundFrame?
        var byteCount: Int
    }

    private var order: CircularBuffer<ConflationKey> = []
    private var waiting: [ConflationKey: Waiting] = [:]
    /// Bytes waiting, about.
    private(set) var byteCount = 0

    var isEmpty: Bool { order.isEmpty }

    /// About how many bytes the next frame has.
    var firstByteCount: Int? { order.first.flatMap { waiting[$0]?.byteCount } }

    /// Adds a value; where one with its key waits, takes that one's place in the order. Returns whether it did.
    func put(_ frame: OutboundFrame, _ message: any ConflatableMessage) -> Bool {
        let key = message.key
        guard let older = waiting[key] else {
            waiting[key] = Waiting(message: message, frame: frame, byteCount: frame.byteCount)
            order.append(key)
            byteCount += frame.byteCount
            return false
        }
        let merged = message.replacing(older.message)
        waiting[key] = Waiting(message: merged, frame: nil, byteCount: merged.byteCount)
        byteCount += merged.byteCount - older.byteCount
        return true
    }

    func takeFirst() -> OutboundFrame? {
        guard let key = order.popFirst(), let first = waiting.removeValue(forKey: key) else { return nil }
        byteCount -= first.byteCount
        return first.frame ?? first.message.makeFrame()
    }

    func forget(where matches: (_ group: String) -> Bool) {
        order.removeAll { matches($0.group) }
        for (key, value) in waiting where matches(key.group) {
            waiting[key] = nil
            byteCount -= value.byteCount
        }
    }
}
