import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Opens WebSockets: connects, sends the opening handshake of RFC 6455, and puts a handler for the frames in place.
struct WebSocketDialer {
    private enum Outcome: Sendable {
        case opened
        case refused(EventLoopFuture<SocketIOClientError>)
    }

    private struct Dialled: Sendable {
        let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    let url: ServerURL
    let headers: HTTPHeaders
    let eventLoop: any EventLoop
    let timeout: Duration
    let maxFrameBytes: Int
    let tls: ClientTLS?
    /// `SO_RCVBUF`; `nil` leaves it to the kernel.
    var receiveBufferBytes: Int?

    /// Connects. `makeHandler` is called on the event loop once the server has agreed; the handler reads and writes `WebSocketFrame`.
    func open(_ makeHandler: @escaping @Sendable () -> any ChannelHandler) async throws -> any Channel {
        let start = ContinuousClock.now
        do {
            var bootstrap = ClientBootstrap(group: eventLoop)
                .connectTimeout(TimeAmount(timeout))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            if let receiveBufferBytes {
                bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBufferBytes))
            }
            let dialled =
                try await bootstrap
                .connect(host: url.host, port: url.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try configure(channel, makeHandler) }
                }
            let overdue = eventLoop.scheduleTask(in: TimeAmount(timeout)) { dialled.channel.close(promise: nil) }
            defer { overdue.cancel() }
            switch try await dialled.outcome.get() {
            case .opened: return dialled.channel
            case .refused(let error): throw try await error.get()
            }
        } catch {
            // The channel is closed when the time is over, which would read as the server's doing.
            if error is ChannelError, ContinuousClock.now - start >= timeout {
                throw SocketIOClientError(.timeout, "no answer to the handshake within \(timeout)")
            }
            throw SocketIOClientError.translated(error)
        }
    }

    private func configure(_ channel: any Channel, _ makeHandler: @escaping @Sendable () -> any ChannelHandler) throws -> Dialled {
        try tls?.add(to: channel)
        let upgrader = NIOTypedWebSocketClientUpgrader<Outcome>(
            maxFrameSize: maxFrameBytes,
            enableAutomaticErrorHandling: false,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(makeHandler())
                    return .opened
                }
            }
        )
        var headers = headers
        headers.replaceOrAdd(name: "Host", value: url.authority)
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Outcome>(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: headers),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    let reader = RefusalReader(promise: channel.eventLoop.makePromise())
                    try channel.pipeline.syncOperations.addHandler(reader)
                    return .refused(reader.promise.futureResult)
                }
            }
        )
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The first frames may come in the same segment as the answer.
        pipeline.leftOverBytesStrategy = .forwardBytes
        let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
        return Dialled(channel: channel, outcome: outcome)
    }
}
