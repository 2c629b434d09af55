import EngineIOCore
import Logging
import NIOCore
import Synchronization

/// Something that is woken when its time has come, on its loop.
protocol TimerTarget: AnyObject {
    func timerFired(now: MonotonicInstant)
}

/// Everything of the server that belongs to one event loop: its sessions, timers, pending writes and counters.
///
/// Nothing here is shared with another loop; what others want of it they send as a task to ``eventLoop``.
///
/// `@unchecked Sendable`: confined to `eventLoop`; every entry point asserts that. References travel between loops, state does not.
final class EngineLoop: @unchecked Sendable {
    let index: Int
    let eventLoop: any EventLoop
    /// Whether connections are spread over other loops too.
    let hasSiblings: Bool
    let configuration: EngineConfiguration
    let path: EnginePath
    let logger: Logger
    let application: any EngineApplication
    private(set) var now: MonotonicInstant
    /// Those that are open or linger.
    private(set) var sessions = RandomlyNumbered<EngineConnection> { $0.id.number }
    /// Whether the server takes no new sessions, because it is about to end.
    var isDraining = false
    /// Whether the server has ended: its event loops may be gone, and whoever still has a session can leave nothing there. From anywhere.
    let isStopped = Atomic(false)
    var compressors = Compressors()

    typealias TimerHandle = TimerWheel<any TimerTarget>.Handle
    private var wheel: TimerWheel<any TimerTarget>

    // What a delivery or a read touches. Checks at run time that no two accesses to a property overlap are a tenth of a fan-out of several
    // messages, so release builds go without them here; debug builds, and with them all tests, have them. Overlap they cannot: the properties
    // are touched on the loop only, and every access is over before anybody else is called.
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var receiveBuffers = ReceiveBuffers()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var outlets = Outlets()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var pending = PendingFrames()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var statistics = EngineStatistics()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var dirty: ContiguousArray<EngineOutlet> = []

    /// Keeps the loop awake after work; `nil` where it sleeps as soon as there is none.
    var poller: BusyPoller?
    private var isFlushScheduled = false
    private var generator = RandomPool()
    private var tickTask: Scheduled<Void>?

    init(
        index: Int,
        eventLoop: any EventLoop,
        hasSiblings: Bool = false,
        configuration: EngineConfiguration,
        application: any EngineApplication,
        logger: Logger
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.hasSiblings = hasSiblings
        self.configuration = configuration
        self.path = EnginePath(configuration.path, addsTrailingSlash: configuration.addTrailingSlash)
        self.application = application
        self.logger = logger
        self.now = Self.time(of: eventLoop)
        self.wheel = TimerWheel(tick: Self.tick, now: now)
    }

    static let tick = Duration.milliseconds(20)

    func start() {
        eventLoop.assertInEventLoop()
        isStopped.store(false, ordering: .releasing)
        tickTask?.cancel()
        advanceTime()
    }

    func stop() {
        eventLoop.assertInEventLoop()
        isStopped.store(true, ordering: .releasing)
        tickTask?.cancel()
        tickTask = nil
        poller?.stop()
    }

    func makeSessionID() -> SessionID { SessionID(loopIndex: index, using: &generator) }

    // MARK: Time

    func schedule(_ target: any TimerTarget, at deadline: MonotonicInstant) -> TimerHandle {
        wheel.schedule(target, at: deadline)
    }

    func cancel(_ handle: TimerHandle) {
        wheel.cancel(handle)
    }

    /// The clock shows whole ticks only, and ticks come at those instants: what is due a whole number of ticks after ``now`` is then due at
    /// a tick, not somewhere between two and so served at the later one.
    private static func time(of eventLoop: any EventLoop) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(eventLoop.now.uptimeNanoseconds)).roundedDown(to: tick)
    }

    private func advanceTime() {
        now = Self.time(of: eventLoop)
        let next = NIODeadline.uptimeNanoseconds(UInt64((now + Self.tick).nanoseconds))
        tickTask = eventLoop.scheduleTask(deadline: next) { [weak self] in self?.advanceTime() }
        wheel.advance(to: now)
        while let target = wheel.popDue() { target.timerFired(now: now) }
    }

    // MARK: Sessions

    func session(_ id: SessionID) -> EngineConnection? { sessions.first(id.number) { $0.id == id } }

    func add(_ session: EngineConnection) {
        sessions.insert(session)
        outlets.setSession(session, session.outlet)
    }

    func remove(_ session: EngineConnection) {
        sessions.remove(session)
        outlets.setSession(nil, session.outlet)
    }

    // MARK: Writing

    /// Sends a message to the session of `outlet`, as ``EngineConnection/send(_:)`` does.
    @inline(__always)
    func send(_ frame: OutboundFrame, to outlet: EngineOutlet) {
        if outlets[outlet].takesFrames { add(frame, to: outlet) } else { outlets.session(outlet)?.sendAside(frame) }
    }

    /// Adds a frame to the sequence of `outlet`, to be written at the end of this pass of the loop.
    @inline(__always)
    func add(_ frame: OutboundFrame, to outlet: EngineOutlet) {
        let cursor = pending.appending(frame, to: outlets[outlet].cursor)
        outlets[outlet].cursor = cursor
        statistics.framesSent += 1
        markDirty(outlet)
        if pending.isLong(cursor) { flush(outlet) }
    }

    /// The session has something to send: it is flushed once, at the end of this pass of the loop.
    @inline(__always)
    func markDirty(_ outlet: EngineOutlet) {
        eventLoop.assertInEventLoop()
        guard !outlets[outlet].isDirty else { return }
        outlets[outlet].isDirty = true
        dirty.append(outlet)
        if !isFlushScheduled { scheduleFlush() }
    }

    private func scheduleFlush() {
        isFlushScheduled = true
        eventLoop.execute { self.flush() }
    }

    private func flush() {
        isFlushScheduled = false
        // By index: where a write shows that a connection has broken, its end may make the application send to others.
        var index = 0
        while index < dirty.count {
            let outlet = dirty[index]
            outlets[outlet].isDirty = false
            flush(outlet)
            index += 1
        }
        dirty.removeAll(keepingCapacity: dirty.count <= 65_536)
        pending.removeAll()
        poller?.worked()
    }

    @inline(__always)
    private func flush(_ outlet: EngineOutlet) {
        let entry = outlets[outlet]
        guard entry.descriptor >= 0, entry.cursor != .none else {
            guard let session = outlets.session(outlet) else { return outlets[outlet].cursor = .none }
            return session.flush()
        }
        outlets[outlet].cursor = .none
        let bytes = pending.bytes(entry.cursor)
        statistics.writes += 1
        switch DirectSocket(descriptor: entry.descriptor).write(bytes) {
        case .wrote(let count):
            statistics.bytesSent += count
            if count < bytes.readableBytes { outlets.session(outlet)?.kernelTook(count, of: bytes) }
        case .failed: outlets.session(outlet)?.directWriteFailed()
        }
    }
}

/// The sessions of one event loop, for those who send one message to many of them. On the loop only.
public struct EngineOutlets: Sendable {
    let loop: EngineLoop

    /// Sends a message, as ``EngineConnection/send(_:)`` does; nowhere where the session has ended.
    public func send(_ frame: OutboundFrame, to outlet: EngineOutlet) { loop.send(frame, to: outlet) }
}
