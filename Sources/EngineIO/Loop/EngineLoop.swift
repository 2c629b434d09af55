import EngineIOCore
import Logging
import NIOCore

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
    var sessions: [SessionID: EngineConnection] = [:]
    var statistics = EngineStatistics()
    /// Whether the server takes no new sessions, because it is about to end.
    var isDraining = false
    var pending = PendingFrames()
    var compressors = Compressors()
    private var wheel: TimerWheel<any TimerTarget>
    private var dirty: [EngineConnection] = []
    private var isFlushScheduled = false
    private var generator = SystemRandomNumberGenerator()
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
        tickTask?.cancel()
        advanceTime()
    }

    func stop() {
        eventLoop.assertInEventLoop()
        tickTask?.cancel()
        tickTask = nil
    }

    func makeSessionID() -> SessionID { SessionID(loopIndex: index, using: &generator) }

    // MARK: Time

    func schedule(_ target: any TimerTarget, at deadline: MonotonicInstant) -> TimerWheel<any TimerTarget>.Handle {
        wheel.schedule(target, at: deadline)
    }

    func cancel(_ handle: TimerWheel<any TimerTarget>.Handle) {
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

    // MARK: Writing

    /// `connection` has something to send: it is flushed once, at the end of this pass of the loop.
    func markDirty(_ connection: EngineConnection) {
        eventLoop.assertInEventLoop()
        dirty.append(connection)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.execute { self.flush() }
    }

    private func flush() {
        isFlushScheduled = false
        // By index: where a write shows that a connection has broken, its end may make the application send to others.
        var index = 0
        while index < dirty.count {
            dirty[index].flush()
            index += 1
        }
        dirty.removeAll(keepingCapacity: dirty.count <= 65_536)
        pending.removeAll()
    }
}
