import EngineIOCore
public import Logging
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An Engine.IO server on SwiftNIO: one listener, and on each event loop of the group a share of the connections that never meets another.
public final class EngineServer: Sendable {
    /// The settings.
    public let configuration: EngineConfiguration
    /// The event loops, in the order of `SessionID.loopIndex`.
    public let eventLoops: [any EventLoop]

    let upgrader = ChannelUpgrader()
    let loops: [EngineLoop]
    private let group: any EventLoopGroup
    private let logger: Logger

    /// A server on the loops of `group`.
    ///
    /// - Parameters:
    ///   - group: The loops that connections are spread over.
    ///   - configuration: The settings.
    ///   - application: The layer above.
    ///   - logger: Where the server reports; at `debug` and below only.
    public init(
        group: any EventLoopGroup,
        configuration: EngineConfiguration = EngineConfiguration(),
        application: any EngineApplication,
        logger: Logger
    ) {
        let eventLoops = Array(group.makeIterator())
        self.group = group
        self.configuration = configuration
        self.eventLoops = eventLoops
        self.logger = logger
        self.loops = eventLoops.enumerated().map { index, eventLoop in
            EngineLoop(
                index: index,
                eventLoop: eventLoop,
                hasSiblings: eventLoops.count > 1,
                configuration: configuration,
                application: application,
                logger: logger
            )
        }
    }

    /// Binds to an address and serves it until ``shutdown()``. Port 0 lets the system choose.
    ///
    /// - Parameters:
    ///   - host: The address or name to bind to.
    ///   - port: The port.
    ///   - fallback: Answers requests outside the Engine.IO path.
    ///   - options: How its connections begin: TLS, for example.
    /// - Returns: The address bound to.
    /// - Throws: What the operating system says, for example `EADDRINUSE`.
    public func start(
        host: String,
        port: Int,
        fallback: any FallbackResponder = NotFoundResponder(),
        options: EngineListenerOptions = EngineListenerOptions()
    ) async throws -> EngineListener {
        try await start()
        var bootstrap = ServerBootstrap(group: group)
        bootstrap = bootstrap.serverChannelOption(.backlog, value: configuration.backlog)
        #if os(Linux)
            // On the listener: the kernel hands them on to every socket that it accepts, at the cost of no call.
            bootstrap = bootstrap.serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            if let most = configuration.maxUnsentBytes {
                bootstrap = bootstrap.serverChannelOption(.tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), value: .init(most))
            }
        #endif
        let setUp: @Sendable (any Channel) throws -> Void = { channel in
            #if !os(Linux)
                try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
            #endif
            let loop = self.loops.first { $0.eventLoop === channel.eventLoop }
            try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveAllocator(loop: loop))
            try self.configure(channel, fallback: fallback, options: options)
        }
        let channel =
            try await bootstrap
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try setUp(channel) } }
            .bind(host: host, port: port)
            .get()
        try await ConnectionAcceptor.attach(to: channel, setUp)
        return EngineListener(channel: channel)
    }

    /// Starts the clocks without a listener, for connections that come by ``serve(_:fallback:)``.
    ///
    /// - Throws: What the operating system says where ``EngineConfiguration/busyPolling`` is on and no pipe can be had.
    public func start() async throws {
        for loop in loops {
            let isAwake = try await loop.eventLoop.submit {
                loop.start()
                return loop.poller != nil
            }.get()
            if configuration.busyPolling > .zero, !isAwake { try await BusyPoller.attach(to: loop) }
        }
    }

    /// Serves a connection that something else has accepted, on one of the server's event loops: a listener of its own, or a test.
    ///
    /// - Throws: What adding handlers to the channel's pipeline throws. A channel of a foreign loop is a programming error.
    public func serve(_ channel: any Channel, fallback: any FallbackResponder = NotFoundResponder()) async throws {
        precondition(loops.contains { $0.eventLoop === channel.eventLoop }, "a channel of another server's event loop")
        try await channel.eventLoop.submit { try self.configure(channel, fallback: fallback, options: EngineListenerOptions()) }.get()
    }

    private func configure(_ channel: any Channel, fallback: any FallbackResponder, options: EngineListenerOptions) throws {
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else { return }
        if let peer = channel.remoteAddress, options.expectsProxyHeader?(peer) == true {
            try ReceiveAllocator.readOnce(channel)
            try channel.pipeline.syncOperations.addHandler(ProxyHeaderHandler(loop: loop))
        }
        let isSecure = options.tls != nil
        if let tls = options.tls {
            try ReceiveAllocator.readOnce(channel)
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        }
        let makeHandlers = { (began: MonotonicInstant) -> [any ChannelHandler] in
            [
                HTTPResponseEncoder(),
                // What it cannot read yet: of a request less than a read, behind one that ends HTTP whatever comes until the connection is closed.
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes), maximumBufferSize: 256 << 10),
                HTTPServerPipelineHandler(),
                HTTPRequestHandler(loop: loop, server: self, fallback: fallback, isSecure: isSecure, began: began),
            ]
        }
        let operations = channel.pipeline.syncOperations
        if OpeningHandler.isOfUse(configuration) {
            try operations.addHandler(OpeningHandler(loop: loop, isSecure: isSecure, makeHandlers: makeHandlers))
        } else {
            try ReceiveAllocator.readOnce(channel)
            try operations.addHandlers(makeHandlers(loop.now))
        }
    }

    func loop(_ index: Int) -> EngineLoop? {
        loops.indices.contains(index) ? loops[index] : nil
    }

    /// What all loops have counted.
    public func statistics() async -> EngineStatistics {
        var sum = EngineStatistics()
        for loop in loops {
            if let part = try? await loop.eventLoop.submit({ loop.statistics }).get() { sum.add(part) }
        }
        return sum
    }

    /// Closes all sessions with `CloseReason.serverShuttingDown` and stops the timers. The listener is closed by its owner first.
    public func shutdown() async {
        for loop in loops {
            try? await loop.eventLoop.submit {
                for session in Array(loop.sessions) {
                    session.close(.serverShuttingDown)
                    session.endLingering()
                }
                loop.stop()
            }.get()
        }
    }
}

/// A bound address.
public struct EngineListener: Sendable {
    let channel: any Channel

    init(channel: any Channel) {
        self.channel = channel
    }

    /// Where the server listens.
    public var address: SocketAddress? { channel.localAddress }

    /// Accepts nothing any more; open connections stay.
    public func close() async {
        try? await channel.close()
    }
}
