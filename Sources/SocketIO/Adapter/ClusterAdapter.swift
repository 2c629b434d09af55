import EngineIOCore
import NIOCore
import SocketIOCore
import Synchronization

/// The adapter of one namespace on one of several servers (socket.io-adapter, `lib/cluster-adapter.ts`): does everything on this node
/// through ``LocalAdapter``, and tells the others over a driver.
///
/// What it keeps (who is there, which requests are under way) is under a lock that is taken once for each message between servers.
public final class ClusterAdapter<Driver: ClusterDriver>: Adapter {
    /// This server's id in the namespace: 16 hexadecimal digits.
    public let id: String
    let local: LocalAdapter
    let driver: Driver
    let configuration: ClusterConfiguration
    let state: Mutex<ClusterState>
    let eventLoop: any EventLoop

    /// The adapter for the sockets of `local`. Begins at once: other servers may ask from here on.
    public init(_ local: LocalAdapter, driver: Driver, configuration: ClusterConfiguration = ClusterConfiguration()) {
        guard let eventLoop = local.eventLoop else { preconditionFailure("a namespace has at least one event loop") }
        var generator = configuration.random
        self.id = Self.makeID(&generator)
        self.local = local
        self.driver = driver
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.state = Mutex(ClusterState(configuration, now: Self.now(eventLoop)))
        driver.join(local.namespace, as: id) { [weak self] in self?.receive($0) }
        if driver.followsRooms { followRooms() }
        publish(.initialHeartbeat)
        scheduleTick()
    }

    /// Tells the driver which rooms have members on any loop.
    private func followRooms() {
        for loop in local.loops {
            loop.eventLoop.execute { [weak self, weak loop] in
                guard let loop else { return }
                loop.roomObserver = { room, hasMembers in self?.room(room, hasMembers: hasMembers) }
                // The first client of a dynamic namespace is there already.
                for room in loop.rooms.names + loop.sockets.map(\.id) { self?.room(room, hasMembers: true) }
            }
        }
    }

    private func room(_ room: String, hasMembers: Bool) {
        // Told under the lock, which keeps the order of two loops.
        state.withLock { state in
            let before = state.rooms[room] ?? 0
            let after = before + (hasMembers ? 1 : -1)
            state.rooms[room] = after > 0 ? after : nil
            if (before == 0) != (after == 0) { driver.room(room, of: local.namespace, hasMembers: hasMembers) }
        }
    }

    /// A heartbeat in time, and who has been silent too long is gone.
    private func scheduleTick() {
        let timer = eventLoop.scheduleTask(in: .seconds(1)) { [weak self] () -> Void in self?.tick() }
        state.withLock { $0.timer = timer }
    }

    private func tick() {
        let now = Self.now(eventLoop)
        let (finished, isDue, isClosed) = state.withLock { state in
            let gone = state.members.expire(now: now)
            return (
                gone.flatMap { state.requests.removed(server: $0) }, now - state.lastSent >= configuration.heartbeatInterval, state.isClosed
            )
        }
        for request in finished { request.resume() }
        guard !isClosed else { return }
        if isDue, !driver.countsServers { publish(.heartbeat) }
        scheduleTick()
    }

    static func now(_ eventLoop: any EventLoop) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(eventLoop.now.uptimeNanoseconds))
    }

    private static func makeID(_ generator: inout RandomSource) -> String {
        let digits = String(generator.next(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Messages

    func publish(_ body: ClusterMessage.Body) {
        let isClosed = state.withLock { state in
            state.lastSent = Self.now(eventLoop)
            return state.isClosed
        }
        if !isClosed { driver.publish(ClusterMessage(sender: id, namespace: local.namespace, body: body)) }
    }

    func respond(to server: String, _ body: ClusterMessage.Body) {
        driver.respond(ClusterMessage(sender: id, namespace: local.namespace, body: body), to: server)
    }

    /// Sends a request and waits for the answers of all other servers.
    ///
    /// - Parameters:
    ///   - due: How many of this node's own clients are to answer too.
    ///   - isOpen: Whether others may answer of whom nobody knows.
    /// - Returns: The answers, and how many servers have not answered within the time.
    func request(
        timeout: Duration? = nil,
        answers: [ClusterState.Answer] = [],
        due: Int = 0,
        id: String,
        isLocal: Bool = false,
        isOpen: Bool = false,
        _ send: @escaping @Sendable () -> Void
    ) async throws -> (answers: [ClusterState.Answer], missing: Int) {
        let counted = isLocal ? 1 : try await driver.serverCount(local.namespace)
        let servers = counted == nil ? state.withLock { $0.members.names } : []
        let unnamed = counted.map { max(0, $0 - 1) } ?? 0
        if servers.isEmpty, unnamed == 0, due == 0, !isOpen { return (answers, 0) }
        let result: (answers: [ClusterState.Answer], missing: Int)? = await withCheckedContinuation { continuation in
            let timer = eventLoop.scheduleTask(in: TimeAmount(timeout ?? configuration.requestTimeout)) { [weak self] in
                self?.state.withLock { $0.requests.timedOut(id) }?.resume()
            }
            let isAccepted = state.withLock { state in
                !state.isClosed
                    && state.requests.add(id, servers: servers, unnamed: unnamed, answers: answers, due: due, isOpen: isOpen) {
                        answers,
                        missing in
                        timer.cancel()
                        continuation.resume(returning: (answers, missing))
                    }
            }
            if isAccepted { return send() }
            timer.cancel()
            continuation.resume(returning: nil)
        }
        guard let result else { throw state.withLock { $0.isClosed } ? ClusterError.closed : ClusterError.tooManyRequests }
        return result
    }

    func makeRequestID() -> String {
        var generator = configuration.random
        return Self.makeID(&generator)
    }

    /// How many servers there are, this one included.
    public func serverCount() async throws -> Int {
        try await driver.serverCount(local.namespace) ?? state.withLock { $0.members.count } + 1
    }

    /// Tells the other servers that this one ends. Requests under way end with what has come.
    public func close() {
        publish(.close)
        let (finished, timer) = state.withLock { state in
            state.isClosed = true
            return (state.requests.removeAll(), state.timer)
        }
        timer?.cancel()
        for request in finished { request.resume() }
        driver.leave(local.namespace, as: id)
    }
}
