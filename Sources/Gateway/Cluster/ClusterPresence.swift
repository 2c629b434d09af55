import GatewayDomain
import Logging
import NIOCore
import RESP
import RedisClient
import Store

/// Presence over all nodes that share a Redis. Each node says of which users it has devices, and takes that back some seconds after the last
/// device here has gone; a user whom no node names is offline. What changes is told to the nodes where somebody watches the user.
///
/// `@unchecked Sendable`: the crowd and what is watched are confined to `eventLoop`; methods hop there. What goes to Redis of one user goes
/// through the user's lane, so that nothing overtakes.
final class ClusterPresence: PresenceService, @unchecked Sendable {
    private struct Watched {
        var watchers = 0
        var seen = SeenPresence.unknown
    }

    private let eventLoop: any EventLoop
    let client: RedisClient
    private let node: ClusterNode
    private let sockets: LocalSockets
    private let lanes: SerialLanes
    private let counters: GatewayCounters
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private var channels: ClusterChannels?
    private var crowd: Crowd
    private var watched: [UserID: Watched] = [:]
    private var timer: Scheduled<Void>?
    /// Users of whom Redis could not be told that they have come, or gone, and when that was.
    private var owed: [UserID: Int64] = [:]
    /// How many of them are remembered.
    private static let maximumOwed = 100_000

    init(
        eventLoop: any EventLoop,
        client: RedisClient,
        node: ClusterNode,
        sockets: LocalSockets,
        lanes: SerialLanes,
        counters: GatewayCounters,
        linger: Duration,
        now: @escaping @Sendable () -> Int64,
        uptime: @escaping @Sendable () -> Duration,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.client = client
        self.node = node
        self.sockets = sockets
        self.lanes = lanes
        self.counters = counters
        self.now = now
        self.logger = logger
        crowd = Crowd(linger: linger.inMilliseconds)
        channels = ClusterChannels(
            client: client,
            uptime: uptime,
            receive: { [weak self] in self?.received($0, $1) },
            missed: { [weak self] names in self?.lookAgain(names.compactMap { Self.user(of: $0) }) },
            failed: { error in
                counters.count(.subscriptionFailure)
                logger.debug("a watched user's channel could not be subscribed", metadata: ["error": "\(error)"])
            }
        )
    }

    // MARK: Who is there

    func connected(_ user: UserID) {
        let isTaken = lanes.run(for: user) { [self] in
            let isNew = try? await eventLoop.submit { self.crowd.connected(user) }.get()
            if isNew == true { await enter(user) }
        }
        guard !isTaken else { return }
        eventLoop.execute { if self.crowd.connected(user) { self.remember(user, since: self.now()) } }
    }

    func disconnected(_ user: UserID) {
        let isTaken = lanes.run(for: user) { [self] in try? await eventLoop.submit { self.left(user) }.get() }
        if !isTaken { eventLoop.execute { self.left(user) } }
    }

    private func left(_ user: UserID) {
        crowd.disconnected(user, now: now())
        schedule()
    }

    private func schedule() {
        guard timer == nil, let deadline = crowd.nextDeadline else { return }
        timer = eventLoop.scheduleTask(in: .milliseconds(max(1, deadline - now()))) { [weak self] in
            self?.timer = nil
            self?.expire()
        }
    }

    private func expire() {
        for (user, goneAt) in crowd.expire(now: now()) {
            let isTaken = lanes.run(for: user) { [self] in
                // The user may have come back before this was its turn.
                guard (try? await eventLoop.submit { self.crowd.contains(user) }.get()) == false else { return }
                await leave(user, goneAt: goneAt)
            }
            if !isTaken { remember(user, since: goneAt) }
        }
        schedule()
    }

    func set(_ status: PresenceStatus, for user: UserID, done: @escaping @Sendable (GatewayError?) -> Void) {
        // Behind the news that the user is there.
        let isTaken = lanes.run(for: user) { [self] in
            let isChosen = await run(PresenceScripts.choose, user, node.id, [.string(status.rawValue)])
            done(isChosen ? nil : GatewayError(.internalError, "the status could not be told to the other nodes; try again"))
        }
        if !isTaken { done(.busy) }
    }

    private func enter(_ user: UserID) async {
        guard node.isReachable else {
            counters.count(.presenceFailure)
            return await owe(user, since: now())
        }
        let users = StateKeys.users(of: node.id)
        // The list of this node's users first: who is in it too long does no harm.
        do {
            _ = try await client.send(RedisCommand("SADD", .string(users), .string(user.rawValue), key: users))
            client.submit(RedisCommand("PEXPIRE", .string(users), 604_800_000, key: users))
        } catch { failed(error) }
        guard await run(PresenceScripts.enter, user, node.id) else { return await owe(user, since: now()) }
    }

    private func leave(_ user: UserID, goneAt: Int64) async {
        guard await run(PresenceScripts.leave, user, node.id, ["\(goneAt)"]) else { return await owe(user, since: goneAt) }
        let users = StateKeys.users(of: node.id)
        client.submit(RedisCommand("SREM", .string(users), .string(user.rawValue), key: users))
    }

    private func owe(_ user: UserID, since time: Int64) async {
        try? await eventLoop.submit { self.remember(user, since: time) }.get()
    }

    /// On the loop: Redis is yet to be told of the user.
    private func remember(_ user: UserID, since time: Int64) {
        guard owed[user] != nil || owed.count < Self.maximumOwed else { return counters.count(.presenceForgotten) }
        owed[user] = time
    }

    func run(_ script: RedisScript, _ user: UserID, _ node: NodeID, _ more: [RedisArgument] = []) async -> Bool {
        // What waits for Redis in a lane holds up others.
        guard self.node.isReachable else {
            counters.count(.presenceFailure)
            return false
        }
        let key = StateKeys.presence(user)
        let common: [RedisArgument] = [.string(node.rawValue), "\(now())", .string(key), .string(client.publishCommand)]
        do {
            _ = try await client.run(script, keys: [key], arguments: common + more)
            return true
        } catch {
            failed(error)
            return false
        }
    }

    // MARK: Who wants to know

    func watch(_ users: Set<UserID>) {
        for user in users { channels?.hold(StateKeys.presence(user)) }
        eventLoop.execute { for user in users { self.watched[user, default: Watched()].watchers += 1 } }
    }

    func unwatch(_ users: Set<UserID>) {
        guard !users.isEmpty else { return }
        for user in users { channels?.release(StateKeys.presence(user)) }
        eventLoop.execute {
            for user in users {
                self.watched[user]?.watchers -= 1
                if self.watched[user]?.watchers == 0 { self.watched[user] = nil }
            }
        }
    }

    func look(at users: [UserID], for socketID: String, done: @escaping @Sendable (Result<[Presence], GatewayError>) -> Void) {
        let isTaken = lanes.run(for: socketID) { [self] in
            do throws(RedisError) {
                guard node.isReachable else { throw RedisError(.connection, "Redis does not answer") }
                // Changes are heard before the present is read, so that none falls between.
                for user in users { try await channels?.ready(StateKeys.presence(user)) }
                let seen = try await read(users)
                try? await eventLoop.submit { [self] in done(.success(zip(users, seen).map { take($1, of: $0) })) }.get()
            } catch {
                failed(error)
                done(.failure(GatewayError(.internalError, "the users could not be looked up; try again")))
            }
        }
        if !isTaken { done(.failure(.busy)) }
    }

    func after(_ socketID: String, _ body: @escaping @Sendable () -> Void) {
        let isTaken = lanes.run(for: socketID) { body() }
        if !isTaken { body() }
    }

    /// Remembers what was read unless a newer change has come meanwhile; returns what is newer. On the loop.
    private func take(_ seen: SeenPresence, of user: UserID) -> Presence {
        guard let known = watched[user]?.seen, known.version > seen.version else {
            watched[user]?.seen = seen
            return seen.presence
        }
        return known.presence
    }

    private func read(_ users: [UserID]) async throws(RedisError) -> [SeenPresence] {
        let time = now()
        let commands = users.map { RedisCommand("HGETALL", .string(StateKeys.presence($0)), key: StateKeys.presence($0)) }
        var seen: [SeenPresence] = []
        for result in await client.pipeline(commands) { seen.append(SeenPresence(hash: try result.get(), now: time)) }
        return seen
    }

    /// A change of a user whom somebody here watches. On the client's loop.
    private func received(_ channel: String, _ payload: ByteBuffer) {
        guard let user = Self.user(of: channel), let seen = SeenPresence(payload) else { return counters.count(.malformed) }
        eventLoop.execute { self.announce(seen, of: user) }
    }

    private func announce(_ seen: SeenPresence, of user: UserID, onlyIfOther: Bool = false) {
        guard let known = watched[user]?.seen, seen.version > known.version else { return }
        watched[user]?.seen = seen
        if onlyIfOther, seen.presence.appearance == known.presence.appearance { return }
        sockets.announce(seen.presence, of: user)
    }

    /// Changes of these may have been missed.
    private func lookAgain(_ users: [UserID]) {
        guard !users.isEmpty else { return }
        Task { [self] in
            for start in stride(from: 0, to: users.count, by: 500) {
                let some = Array(users[start..<min(users.count, start + 500)])
                do throws(RedisError) {
                    let seen = try await read(some)
                    eventLoop.execute { for (user, seen) in zip(some, seen) { self.announce(seen, of: user, onlyIfOther: true) } }
                } catch {
                    failed(error)
                    for user in some { channels?.doubt(StateKeys.presence(user)) }
                }
            }
        }
    }

    // MARK: Other nodes

    /// To be called now and then.
    func tend() {
        channels?.tend()
        if node.isReachable { eventLoop.execute { self.settle() } }
    }

    /// Tells Redis what it could not be told. On the loop.
    private func settle() {
        eventLoop.assertInEventLoop()
        for (user, time) in owed {
            let isTaken = lanes.run(for: user) { [self] in
                switch try? await eventLoop.submit({ self.crowd.contains(user) }).get() {
                case true?: await enter(user)
                case false?: await leave(user, goneAt: time)
                case nil: break
                }
            }
            // Where it is not, it is tried again.
            if isTaken { owed[user] = nil }
        }
    }

    /// Tells Redis anew of all who are here, and of those who have gone.
    func rejoin() async {
        let held = try? await eventLoop.submit { [self] in
            settle()
            return crowd.users
        }.get()
        for user in held ?? [] {
            let isTaken = lanes.run(for: user) { [self] in
                if (try? await eventLoop.submit { self.crowd.contains(user) }.get()) == true { await enter(user) }
            }
            if !isTaken { counters.count(.presenceFailure) }
        }
    }

    func count() async -> Int { (try? await eventLoop.submit { self.crowd.count }.get()) ?? 0 }

    func close() async {
        // Nothing is taken back: most of the users are on their way to another node, and the others let go of this one some seconds later.
        try? await eventLoop.submit { [self] in
            timer?.cancel()
            timer = nil
        }.get()
    }

    func failed(_ error: RedisError) {
        counters.count(.presenceFailure)
        logger.debug("presence could not be shared", metadata: ["error": "\(error)"])
    }

    private static func user(of channel: String) -> UserID? {
        guard let begin = channel.firstIndex(of: "{"), channel.last == "}" else { return nil }
        return UserID(channel[channel.index(after: begin)...].dropLast())
    }
}
