import EngineIOCore
import NIOCore

/// The end of a polling session that has no GET pending: what is queued waits for the client's next one, and the packet that says so for the
/// one after it; or all waits for the end of its upgrade.
extension EngineConnection {
    /// A client that said `close` itself is only released; any other is told.
    static func lastPacket(_ reason: CloseReason) -> OutboundFrame {
        OutboundFrame(text: reason == .transportClose ? "6" : "1")
    }

    /// How long the last packets wait for a GET; `nil` where nobody is to be told, or nobody is there.
    func patience(afterClosing reason: CloseReason) -> Duration? {
        switch reason {
        case .forcedClose, .serverShuttingDown: loop.configuration.lastPollTimeout
        // The client said `close`, with a GET pending as the protocol wants it: where that came over another event loop, it may arrive later.
        case .transportClose where loop.hasSiblings: Self.overtakingTime
        default: nil
        }
    }

    /// By how much a request on one loop may be overtaken by a later one on another.
    private static let overtakingTime = Duration.seconds(1)

    func linger(_ patience: Duration, last: OutboundFrame) {
        self.last = last
        loop.cancel(timer)
        timer = loop.schedule(self, at: loop.now + patience)
    }

    /// The GET has come that hears of the end. It hears of nothing else: the stock client handles a `close` packet ahead of the events that come
    /// in one answer with it, and then has not seen these where it shows how far it has come to recover its session: it would get them twice.
    func answerLast(_ responder: PollResponder) {
        if let last { answer(responder, with: [last]) }
        endLingering()
    }

    /// The client has upgraded, and asks for nothing any more: its WebSocket closes behind what was sent before the end. The stock client, which
    /// waits for the end of its upgrade before all else, would otherwise notice only when no ping comes.
    func finish(over transport: WebSocketTransport) {
        if let probeEncoding { encoding = probeEncoding }
        var waiting = queue
        if let rest = waiting?.takeAll(), !rest.isEmpty { _ = transport.write(webSocketBytes(rest, to: transport)) }
        endLingering()
    }

    /// Forgets the session, whether its last packets have been taken or not.
    func endLingering() {
        eventLoop.assertInEventLoop()
        guard isClosed else { return }
        _ = machine.closed()
        closeProbe()
        loop.cancel(timer)
        timer = .none
        loop.statistics.queuedBytes -= queuedBytes
        queue = nil
        last = nil
        loop.remove(self)
    }
}
