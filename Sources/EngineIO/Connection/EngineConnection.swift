public import EngineIOCore
public import NIOCore
import NIOHTTP1
import Synchronization

/// One Engine.IO session on its event loop, whatever its transport.
///
/// `@unchecked Sendable`: every member but ``id`` and ``eventLoop`` is confined to `eventLoop`, and the methods assert that. Others may hold
/// a reference and hop.
public final class EngineConnection: @unchecked Sendable {
    // In the order that leaves no gaps: there are very many of these. `ObjectSizeTests` say what one takes.
    let loop: EngineLoop
    /// The WebSocket that is the transport.
    var webSocket: WebSocketTransport? {
        didSet { updateOutlet() }
    }
    private var queueBox: QueueBox? {
        didSet { updateOutlet() }
    }
    private var extras: SessionExtras?
    private(set) var delegate: (any EngineConnectionDelegate)?
    /// The session's id.
    public let id: SessionID
    var timer = EngineLoop.TimerHandle.none
    private var applicationDeadline = MonotonicInstant.distantFuture
    var heartbeat: Heartbeat
    var machine: TransportStateMachine {
        didSet {
            writesWebSocket = machine.delivery() == .writeWebSocket
            updateOutlet()
        }
    }
    private var writesWebSocket: Bool
    private var isCloseScheduled = false
    private let hasPolled: Bool
    /// Whether a WebSocket of the session gets the frames that everyone else gets: in protocol 4, where the client takes binary ones.
    private(set) var takesFramesAsTheyAre: Bool
    /// The revision of the protocol that the session speaks, whatever later requests say.
    public let revision: EngineRevision
    /// Where fan-outs reach the session.
    public let outlet: EngineOutlet

    /// The loop on which the session lives for its whole life.
    public var eventLoop: any EventLoop { loop.eventLoop }

    init(loop: EngineLoop, transport: TransportKind, handshake: EngineHandshake) {
        self.loop = loop
        self.id = loop.makeSessionID()
        self.outlet = loop.outlets.reserve()
        self.revision = EngineRevision(handshake.query)
        self.machine = TransportStateMachine(transport: transport)
        self.writesWebSocket = transport == .websocket
        self.hasPolled = transport == .polling
        let encoding = PacketEncoding(revision, transport: transport, query: handshake.query)
        self.extras = SessionExtras(handshake, encoding: encoding)
        self.takesFramesAsTheyAre = encoding == .protocol4
        self.heartbeat = loop.configuration.makeHeartbeat(revision, now: loop.now)
    }

    deinit {
        let (loop, outlet) = (loop, outlet)
        if loop.eventLoop.inEventLoop {
            loop.outlets.release(outlet)
        } else if !loop.isStopped.load(ordering: .acquiring) {
            loop.eventLoop.execute { loop.outlets.release(outlet) }
        }
    }

    /// All sessions of this one's loop.
    public var siblings: EngineOutlets { EngineOutlets(loop: loop) }

    /// What waits for the end of the pass.
    private var cursor: PendingFrames.Cursor {
        get { loop.outlets[outlet].cursor }
        set { loop.outlets[outlet].cursor = newValue }
    }

    /// Keeps what fan-outs know of the session true.
    func updateOutlet() {
        let takesFrames = writesWebSocket && queueBox == nil && takesFramesAsTheyAre && webSocket != nil
        loop.outlets[outlet].takesFrames = takesFrames
        loop.outlets[outlet].descriptor = takesFrames ? webSocket?.directDescriptor ?? -1 : -1
    }

    /// The transport in use.
    public var transport: TransportKind { machine.transport }

    /// Whether the session has ended.
    public var isClosed: Bool { machine.isClosed }

    /// Bytes that wait to be taken by the client or its kernel.
    public var queuedBytes: Int { queue?.byteCount ?? 0 }

    /// Whether a message sent now goes out at the end of the pass: the kernel has taken all before, or a poll is waiting.
    public var isWritable: Bool {
        switch machine.delivery() {
        case .writeWebSocket: !hasQueue
        case .answerPoll: true
        case .keep, .discard: false
        }
    }

    // MARK: Opening and polling

    /// The request that opened the session; after ``releaseHandshake(keeping:)`` what has been kept of it, if anything.
    public var handshake: EngineHandshake? { extras?.handshake }

    /// The address that the session was opened from, as the socket says.
    public var remoteAddress: SocketAddress? { extras.map(\.remoteAddress) ?? webSocket?.remoteAddress }

    /// How packets are written for the transport in use.
    var encoding: PacketEncoding {
        get { extras?.encoding ?? .protocol4 }
        set {
            extras?.encoding = newValue
            takesFramesAsTheyAre = newValue == .protocol4
            updateOutlet()
        }
    }

    /// The WebSocket that is being probed.
    var probe: WebSocketTransport? {
        get { extras?.probe }
        set { extras?.probe = newValue }
    }

    /// How packets are written once that WebSocket is the transport.
    var probeEncoding: PacketEncoding? {
        get { extras?.probeEncoding }
        set { extras?.probeEncoding = newValue }
    }

    /// The GET that waits for something to send.
    var poll: PollResponder? {
        get { extras?.poll }
        set { extras?.poll = newValue }
    }

    /// What the next GET is answered with, once the session has ended and nothing else waits.
    var last: OutboundFrame? {
        get { extras?.last }
        set { extras?.last = newValue }
    }

    /// What waits for the next poll, or for the WebSocket once the kernel has refused bytes.
    var queue: OutboundQueue? {
        get { queueBox?.queue }
        set {
            guard let newValue else { return queueBox = nil }
            let box = queueBox ?? QueueBox()
            box.queue = newValue
            queueBox = box
        }
        _modify {
            let box = queueBox ?? QueueBox()
            queueBox = box
            yield &box.queue
        }
    }

    /// Whether something waits.
    var hasQueue: Bool { queueBox != nil && queue != nil }

    /// Forgets the opening request, which nobody needs after authentication: an idle connection should cost little.
    ///
    /// - Parameter names: Headers that are of use later all the same, in small letters.
    public func releaseHandshake(keeping names: [String] = []) {
        eventLoop.assertInEventLoop()
        extras?.handshake = extras?.handshake?.reduced(to: names)
        // One that began by polling or behind a proxy has an address of its own, and one that takes no frames as they are an encoding.
        guard !hasPolled, transport == .websocket, takesFramesAsTheyAre, handshake == nil else { return }
        if let extras, extras.remoteAddress == webSocket?.remoteAddress { self.extras = nil }
    }

    // MARK: Time

    /// The loop's clock; it moves in whole multiples of 20 ms.
    public var now: MonotonicInstant { loop.now }

    /// Asks for ``EngineConnectionDelegate/connectionDeadlineReached(_:)`` at `deadline`, in place of an earlier request.
    public func setDeadline(_ deadline: MonotonicInstant) {
        eventLoop.assertInEventLoop()
        applicationDeadline = deadline
        if !isClosed { scheduleTimer() }
    }

    func scheduleTimer() {
        loop.cancel(timer)
        var deadline = min(heartbeat.deadline, applicationDeadline)
        if let since = queue?.waitingSince { deadline = min(deadline, since + loop.configuration.maxQueuedAge) }
        timer = loop.schedule(self, at: deadline)
    }

    // MARK: Opening

    /// Announces the session to the loop and the application. The open packet goes out before anything the application sends.
    ///
    /// - Parameter response: The answer to the opening request, where it has not been written: it goes out in one piece with the packet.
    func open(webSocket: WebSocketTransport?, behind response: ByteBuffer? = nil) {
        eventLoop.assertInEventLoop()
        self.webSocket = webSocket
        webSocket?.connection = self
        loop.add(self)
        loop.statistics.opened += 1
        if revision == .three { loop.statistics.openedProtocol3 += 1 }
        if transport == .polling { loop.statistics.openPolling += 1 } else { loop.statistics.openWebSocket += 1 }
        scheduleTimer()
        let frame = OutboundFrame(capacity: OpenPacket.capacity) {
            OpenPacket.write(
                sid: id,
                offersWebSocket: transport == .polling && loop.configuration.offersUpgrade,
                pingInterval: loop.configuration.pingInterval,
                pingTimeout: loop.configuration.pingTimeout,
                maxPayload: revision == .four ? loop.configuration.maxPayload : nil,
                into: &$0
            )
        }
        if let webSocket, var bytes = response {
            bytes.writeImmutableBuffer(webSocket.bytes(of: webSocketForm(of: frame)))
            loop.statistics.framesSent += 1
            write(bytes, to: webSocket)
        } else {
            send(frame)
        }
        let delegate = loop.application.makeDelegate(for: self)
        self.delegate = delegate
        delegate.connectionOpened(self)
        // It was let in before the server began to drain.
        if loop.isDraining { close(.serverShuttingDown) }
    }

    // MARK: Sending

    /// Sends a message. It goes out at the end of the loop's pass, together with whatever else the pass brings.
    public func send(_ frame: OutboundFrame) {
        eventLoop.assertInEventLoop()
        loop.send(frame, to: outlet)
    }

    /// As ``send(_:)``, where the loop does not know how.
    func sendAside(_ frame: OutboundFrame, isMissed: Bool = false) {
        switch machine.delivery() {
        case .discard: return
        case .writeWebSocket where queueBox == nil: return loop.add(webSocketForm(of: frame), to: outlet)
        case .writeWebSocket: enqueue(frame, conflates: true, isMissed: isMissed)
        case .answerPoll: enqueue(frame, conflates: false, isMissed: isMissed)
        case .keep:
            let isFirst = queue == nil
            enqueue(frame, conflates: false, isMissed: isMissed)
            // Must not wait for ever for a GET.
            if isFirst { scheduleTimer() }
        }
        loop.statistics.framesSent += 1
        loop.markDirty(outlet)
    }

    /// End of the pass: writes what has been sent to this connection in it.
    func flush() {
        if writesWebSocket {
            if cursor != .none { flushWebSocket() }
            return
        }
        switch machine.delivery() {
        case .discard: cursor = .none
        case .answerPoll: answerPoll()
        case .writeWebSocket, .keep: break
        }
    }

    private func flushWebSocket() {
        guard let webSocket else { return }
        let bytes = loop.pendingBytes(cursor, windowBits: webSocket.windowBits)
        cursor = .none
        write(bytes, to: webSocket)
    }

    private func write(_ bytes: ByteBuffer, to webSocket: WebSocketTransport) {
        if webSocket.write(bytes) == .waiting { beginToWait() }
    }

    private func beginToWait() {
        guard queue == nil else { return }
        queue = OutboundQueue(waitingSince: loop.now)
        scheduleTimer()
    }

    /// The kernel took only the first `count` bytes of what the loop gave it.
    func kernelTook(_ count: Int, of bytes: ByteBuffer) {
        if webSocket?.kernelTook(count, of: bytes) == .waiting { beginToWait() }
    }

    /// The kernel took nothing, and never will.
    func directWriteFailed() { webSocket?.directWriteFailed() }

    /// The WebSocket has given everything to the kernel: the next of the queue, or back to direct writes.
    func webSocketDrained(_ transport: WebSocketTransport) {
        guard transport === webSocket else { return }
        while var waiting = queue {
            if waiting.isEmpty {
                queueBox = nil
                return
            }
            let before = waiting.byteCount
            let frames = waiting.take(upTo: 64 << 10, now: loop.now)
            loop.statistics.queuedBytes += waiting.byteCount - before
            queue = waiting
            if transport.write(webSocketBytes(frames, to: transport)) == .waiting { return }
        }
    }

    // MARK: The end

    /// The server drains; the session will be closed after `delay`.
    func draining(closesIn delay: Duration) { delegate?.connectionDraining(self, closesIn: delay) }

    /// Ends the session: what has been sent before is still written, then the transport is closed.
    public func close(_ reason: CloseReason) {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        let wasPolling = transport == .polling
        // Whatever waits for the end of the pass goes out ahead of the close frame.
        if cursor != .none { flushWebSocket() }
        // And ahead of the answer that tells of the end.
        answerPoll()
        // Writing may have shown that the connection is gone, which has ended the session.
        guard !isClosed else { return }
        if wasPolling { loop.statistics.openPolling -= 1 } else { loop.statistics.openWebSocket -= 1 }
        loop.statistics.closed[reason, default: 0] += 1
        if let patience = patience(afterClosing: reason), machine.closing() {
            linger(patience, last: Self.lastPacket(reason))
        } else if let ending = machine.closed() {
            end(reason, answersPoll: ending.answersPoll)
        }
        if !machine.awaitsUpgrade { closeProbe() }
        let delegate = self.delegate
        self.delegate = nil
        delegate?.connectionClosed(self, reason: reason)
    }

    private func end(_ reason: CloseReason, answersPoll: Bool) {
        loop.statistics.queuedBytes -= queuedBytes
        loop.remove(self)
        loop.cancel(timer)
        timer = .none
        if answersPoll {
            if let poll { answer(poll, with: [Self.lastPacket(reason)]) }
        }
        poll = nil
        var waiting = queue
        queue = nil
        if let webSocket {
            // What was sent before the end still goes out, but not to a client that does not take it: that one is told, behind the bytes
            // that the channel holds already.
            if reason == .slowConsumer, let notice = delegate?.slowConsumerNotice(self) {
                _ = webSocket.write(webSocketBytes([notice], to: webSocket))
            }
            if reason != .slowConsumer, let rest = waiting?.takeAll(), !rest.isEmpty {
                _ = webSocket.write(webSocketBytes(rest, to: webSocket))
            }
            webSocket.close(code: nil)
        }
        webSocket = nil
    }

    /// Ends the session in the next pass: for use where the application must not be called.
    func closeLater(_ reason: CloseReason) {
        guard !isCloseScheduled else { return }
        isCloseScheduled = true
        eventLoop.execute { self.close(reason) }
    }
}

extension EngineConnection: TimerTarget {
    func timerFired(now: MonotonicInstant) {
        timer = .none
        if isClosed { return endLingering() }
        let configuration = loop.configuration
        if let since = queue?.waitingSince, now >= since + configuration.maxQueuedAge {
            return close(.slowConsumer)
        }
        switch heartbeat.deadlineReached(interval: configuration.pingInterval, timeout: configuration.pingTimeout, now: now) {
        case .sendPing:
            send(OutboundFrame(text: "2"))
            delegate?.connectionPingSent(self)
        case .timedOut: return close(.pingTimeout)
        case .wait: break
        }
        if now >= applicationDeadline {
            applicationDeadline = .distantFuture
            delegate?.connectionDeadlineReached(self)
        }
        if !isClosed { scheduleTimer() }
    }
}
