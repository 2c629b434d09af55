import EngineIOCore
import NIOCore

/// An end that clients hardly notice.
extension EngineServer {
    /// Ends all sessions, spread over `duration`, each with `CloseReason.serverShuttingDown` after its delegate has been told
    /// (``EngineConnectionDelegate/connectionDraining(_:closesIn:)``). New sessions are answered 503 from now on, and HTTP connections are
    /// closed behind their next answer; the fallback responder goes on.
    ///
    /// Returns when the last session has ended, or when the task is cancelled; ``shutdown()`` then ends what is left.
    public func drain(over duration: Duration) async {
        for loop in loops { try? await loop.eventLoop.submit { loop.drain(over: duration) }.get() }
        while !Task.isCancelled {
            let statistics = await self.statistics()
            if statistics.openPolling + statistics.openWebSocket == 0 { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension EngineLoop {
    func drain(over duration: Duration) {
        eventLoop.assertInEventLoop()
        isDraining = true
        var generator = SystemRandomNumberGenerator()
        let open = sessions.filter { !$0.isClosed }.shuffled(using: &generator)
        let schedule = DrainSchedule(duration: duration, count: open.count)
        for (index, session) in open.enumerated() {
            let delay = schedule.delay(index, using: &generator)
            session.draining(closesIn: delay)
            eventLoop.scheduleTask(in: TimeAmount(delay)) { [weak session] in session?.close(.serverShuttingDown) }
        }
    }
}
