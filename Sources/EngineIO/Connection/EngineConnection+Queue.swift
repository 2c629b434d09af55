import EngineIOCore
import NIOCore

/// What waits for a client that is between two polls, or whose kernel has refused bytes.
extension EngineConnection {
    /// Sends what the client has missed while it was away, whatever it amounts to: as ``send(_:)``, but what of it has to wait, with all that
    /// waits before it, does not count against ``EngineConfiguration/maxQueuedBytes``. The client was away, and is not slow for that; it is if
    /// what is sent after it passes the bound, or none of it gets through for ``EngineConfiguration/maxQueuedAge``.
    ///
    /// What waits goes out in portions as the client takes them, so that a message waits as a reference to it, not as a copy. How many of
    /// them there may be is the caller's to say.
    public func send(missed frames: [OutboundFrame]) {
        eventLoop.assertInEventLoop()
        for frame in frames {
            if loop.outlets[outlet].takesFrames { loop.add(frame, to: outlet) } else { sendAside(frame, isMissed: true) }
        }
    }

    /// - Parameters:
    ///   - conflates: Whether the kernel has refused bytes of this connection. A polling client is only between two requests.
    ///   - isMissed: Whether the frame is for a client that was away: ``send(missed:)``.
    func enqueue(_ frame: OutboundFrame, conflates: Bool, isMissed: Bool) {
        var waiting = queue.take() ?? OutboundQueue()
        let before = waiting.byteCount
        // What finds less than the bound waiting is taken in, whatever its size: two large messages at once are no sign of a slow client,
        // least of all of one that is between two polls.
        if !isMissed, waiting.countedBytes > loop.configuration.maxQueuedBytes { closeLater(.slowConsumer) }
        if waiting.append(frame, conflates: conflates, now: loop.now) { loop.statistics.conflated += 1 }
        if isMissed { waiting.discount() }
        loop.statistics.queuedBytes += waiting.byteCount - before
        queue = waiting
    }

    /// Drops the latest values of `group` that wait: the client has left the room, and nothing of it may follow the confirmation.
    public func forget(group: String) { forget { $0 == group } }

    /// Drops the latest values that wait of all groups that match.
    public func forget(where matches: (_ group: String) -> Bool) {
        eventLoop.assertInEventLoop()
        guard hasQueue, var waiting = queue.take() else { return }
        let before = waiting.byteCount
        waiting.forget(where: matches)
        loop.statistics.queuedBytes += waiting.byteCount - before
        queue = waiting
    }
}
