public import AccessToken
public import EngineIO
import EngineIOCore
public import GatewayDomain
public import Hummingbird
import JSONScan
public import Logging
public import NIOCore
import SocketIO

/// A gateway: authenticates clients, lets them into rooms, brings published events to them. One port serves Socket.IO and HTTP.
public final class GatewayServer: Sendable {
    /// Where events are published.
    public let bus: any EventBus
    /// Whether the node takes new clients.
    public let readiness = Readiness()

    private let configuration: GatewayConfiguration
    private let server: SocketIOServer
    let router: EventRouter
    private let connections: ConnectionLimiter
    let messaging: MessagingParts
    /// The bus between nodes, where there is one.
    private let redisBus: RedisBus?
    /// Takes what users have sent over other nodes.
    private let spending: ClusterLimits.Spending
    private let counters: GatewayCounters
    private let logger: Logger
    private let verifier: AccessTokenVerifier
    private let revocations: RevocationSweep

    /// A gateway on the event loops of `group`, with the bus in memory or, where the configuration has one, on Redis.
    public init(
        configuration: GatewayConfiguration,
        verifier: AccessTokenVerifier,
        group: any EventLoopGroup,
        logger: Logger
    ) {
        let start = ContinuousClock.now
        let uptime: @Sendable () -> Duration = { ContinuousClock.now - start }
        let limits = configuration.limits
        let counters = GatewayCounters()
        let eventLoops = Array(group.makeIterator())
        let eventLoop = eventLoops[0]
        let messaging = MessagingParts(configuration, eventLoop: eventLoop, counters: counters, uptime: uptime, logger: logger)
        let router = EventRouter(
            eventLoop: eventLoop,
            loopCount: eventLoops.count,
            configuration: configuration.routerConfiguration,
            notify: messaging.notify
        )
        let connections = ConnectionLimiter(limits: limits, counters: counters)
        let userEvents = UserRateLimiter(rule: limits.userEvents, tally: messaging.cluster?.limits.events)
        let chatBytes = UserRateLimiter(rule: limits.chatBytes, tally: messaging.cluster?.limits.chatBytes)
        let authenticator = HandshakeAuthenticator(
            verifier: verifier,
            allowsGuests: configuration.allowsGuests,
            readsTokenFromQuery: configuration.readsTokenFromQuery,
            proxies: configuration.trustedProxies,
            limits: limits,
            connections: connections,
            handshakes: HandshakeLimiter(rule: limits.handshakes),
            userEvents: userEvents,
            clusterLimits: messaging.cluster?.limits,
            counters: counters,
            uptime: uptime
        )
        let expiry = TokenExpiry(grace: configuration.tokenGrace, now: WallClock.milliseconds)
        let rooms = RoomAccess(router: router, policy: configuration.roomPolicy, limits: limits)
        let gate = EventGate(limits: limits, counters: counters, uptime: uptime)
        let events = ClientEvents(
            rooms: rooms,
            messaging: messaging,
            limits: limits,
            chat: ChatGate(events: gate, users: chatBytes),
            authenticator: authenticator,
            expiry: expiry,
            now: WallClock.milliseconds
        )
        let recovery = SessionRecovery(
            router: router,
            rooms: rooms,
            presence: messaging.presence,
            authenticator: authenticator,
            counters: counters
        )
        let sessions = SessionLifecycle(
            router: router,
            messaging: messaging,
            expiry: expiry,
            counters: counters,
            recovery: recovery,
            keptHeaders: configuration.trustedProxies == .none ? [] : ["x-forwarded-for"]
        )

        var namespace = NamespaceDefinition()
        namespace.use(atOnce: { try authenticator.authenticateAtOnce(&$0) }, waiting: { try await authenticator.authenticate(&$0) })
        namespace.onConnect { sessions.connected($0) }
        namespace.onDisconnect { sessions.disconnected($0, rooms: $2) }
        namespace.onDeadline { sessions.deadlineReached($0) }
        namespace.onHeartbeat { sessions.heartbeat($0, $1) }
        namespace.onSave { recovery.save($0) }
        namespace.onRestore { await recovery.restore($0, $1) }
        namespace.onDrain { _, delay in
            OutgoingEvent("server_draining", json: "{\"reconnectAfter\":\(delay.inMilliseconds)}")
        }
        namespace.onSlowConsumer { _ in
            counters.count(.slowConsumer)
            return OutgoingEvent("error", json: "{\(GatewayError.slowConsumer.members)}")
        }
        if limits.areOn { namespace.onEachEvent { gate.allows($0, event: $1, ack: $2) } }
        events.register(in: &namespace, counters: counters)

        var socketIO = SocketIOConfiguration()
        socketIO.engine = configuration.engine
        socketIO.connectTimeout = configuration.connectTimeout
        socketIO.maxPacketBytes = configuration.engine.maxPayload
        socketIO.recovery = configuration.recovery
        // What one client is sent is an answer to it, a last value, or mail: nothing that would be of use later.
        socketIO.recovery?.keepsEventsForOneSocket = false
        // What members of a group write takes no place from trades, orders and alerts. Direct messages come by the mailbox: they are not kept.
        socketIO.recovery?.isWrittenByClients = { $0.hasPrefix("group:") }
        if let cluster = messaging.cluster {
            socketIO.recovery?.store = cluster.sessions
            socketIO.recovery?.sources = BusStream.recoverable.count
        }
        self.configuration = configuration
        self.router = router
        self.connections = connections
        self.messaging = messaging
        self.spending = ClusterLimits.Spending(
            events: { user, count in userEvents.spend(count, by: user, now: uptime()) },
            chatBytes: { user, count in chatBytes.spend(count, by: user, now: uptime()) }
        )
        self.counters = counters
        let settle: @Sendable ([UserID]) async -> Void = { [lanes = messaging.lanes] in await lanes.settle($0) }
        self.redisBus = configuration.redis.map { [readiness] client in
            RedisBus(
                client: client,
                router: router,
                readiness: readiness,
                rules: BusHealth.Rules(deafAfter: configuration.busDeafAfter),
                logger: logger,
                settle: settle,
                backlog: configuration.recovery.map { socketIO.missedEventsAge($0) }
            )
        }
        self.bus = redisBus ?? InMemoryBus(router: router, settle: settle)
        let rules = BridgeRules(maximumBytes: configuration.engine.maxPayload)
        let server = SocketIOServer(
            group: group,
            configuration: socketIO,
            namespaces: ["/": namespace],
            adapter: { local in
                configuration.bridge?.adapter(for: local, rules: rules, counters: counters, logger: logger) ?? local
            },
            logger: logger
        )
        self.server = server
        self.logger = logger
        self.verifier = verifier
        self.revocations = RevocationSweep(eventLoop: eventLoop) { batch in
            let loops = server.loops("/").map { loop in
                loop.eventLoop.submit {
                    loop.forEachSocket { socket in
                        // By the token in force: who has shown a newer one meanwhile is judged by that.
                        if let session = socket.data as? ClientSession, batch.ends(session.principal) { socket.disconnect() }
                    }
                }
            }
            return .andAllComplete(loops, on: eventLoop)
        }
    }

    /// Binds to an address and serves it. Port 0 lets the system choose.
    ///
    /// - Parameters:
    ///   - host: The address or name to bind to.
    ///   - port: The port.
    ///   - addRoutes: Adds routes of other services that share the port.
    /// - Throws: What the operating system says, ``BusError`` where Redis does not let the node listen, or where the client bundle cannot be
    ///   read.
    public func start(
        host: String,
        port: Int,
        addRoutes: (Router<GatewayRequestContext>) -> Void = { _ in }
    ) async throws -> EngineListener {
        // Other nodes get events from the bus, each for itself.
        let all = server.of("/").local
        try await router.attach(server.loops("/"), all: all)
        messaging.sockets.attach(server.loops("/"), keeping: configuration.recovery == nil ? nil : all)
        try await redisBus?.start()
        let loops = server.loops("/")
        try await messaging.cluster?.start(
            spending: spending,
            rewriteSessions: { for loop in loops { loop.eventLoop.execute { loop.rewriteSessions() } } }
        )
        let routes = Router(context: GatewayRequestContext.self)
        // First, because a middleware covers only the routes that are added after it.
        addRoutes(routes)
        HealthRoutes(readiness: readiness).add(to: routes)
        addObservability(to: routes)
        let publishing = PublishRoute(
            bus: bus,
            access: ServiceAccess(token: configuration.serviceToken),
            counters: counters,
            malformed: MalformedLog(logger)
        )
        routes.post(RouterPath(PublishRoute.path)) { try await publishing.handle($0, $1) }
        try ClientBundleRoute(file: configuration.clientBundle).add(to: routes)
        if configuration.servesDashboard { DashboardRoutes().add(to: routes) }
        let longBodies = LongBodies(publishers: publishing.access)
        let fallback = HummingbirdFallback(
            responder: routes.buildResponder(),
            logger: logger,
            maximumBody: 4 << 20,
            atOnce: { publishing.answerAtOnce($0) },
            refused: { longBodies.refusal(of: $0, bytes: $1) }
        )
        let listener = try await server.start(host: host, port: port, fallback: fallback, options: configuration.listenerOptions)
        readiness.set(true)
        return listener
    }

    private func addObservability(to routes: Router<GatewayRequestContext>) {
        let metrics = MetricsPage(
            server: server,
            router: router,
            counters: counters,
            connections: connections,
            messaging: messaging,
            verifier: verifier,
            limits: configuration.limits,
            others: configuration.otherMetrics
        )
        routes.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.render()))
            )
        }
        let stats = StatsPage(server: server, router: router, connections: connections, readiness: readiness)
        let access = ServiceAccess(token: configuration.serviceToken)
        routes.get("/stats") { request, _ in
            if let refusal = access.refusal(of: request) { return refusal }
            return .json(.ok, await stats.render())
        }
    }

    /// Publishes one envelope of JSON text.
    ///
    /// - Throws: ``EnvelopeError``, or what the bus throws.
    public func publish(json: some StringProtocol) async throws {
        try await bus.publish([try Envelope(json: Array(json.utf8))])
    }

    /// Whether a user has a connection to this node.
    public func isHere(_ user: UserID) async -> Bool {
        await messaging.sockets.count(in: ClientSession.deviceRoom(user)) { _ in true } > 0
    }

    /// Ends the live connections of a user, or of one token, in about 50 ms: those that come within that time are looked for together. The
    /// clients get a DISCONNECT and stay away. From anywhere.
    public func revoked(_ revocation: Revocation) { revocations.add(revocation) }

    /// Takes no new clients and ends the connections of all, spread over `duration`: each client is told by `server_draining` when its own
    /// ends. `/ready` fails from now on; HTTP is answered until ``shutdown(_:)``. Returns when the last has gone, or when the task is cancelled.
    public func drain(over duration: Duration) async {
        readiness.set(false)
        await server.drain(over: duration)
    }

    /// Takes no new clients and closes the connections of all.
    public func shutdown(_ listener: EngineListener) async {
        readiness.set(false)
        await redisBus?.stop()
        router.detach()
        await listener.close()
        revocations.close()
        await server.shutdown()
        await messaging.close()
    }
}
