import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RESP

/// Who uses a connection that is made anew when it is cut. Everything on the loop of the connection.
protocol ReconnectorDelegate: AnyObject {
    /// There is a connection.
    func reconnectorReady(_ connection: RedisConnection, _ greeting: ConnectionHandshake.Greeting)
    /// A value came.
    func reconnectorReceived(_ value: RESPValue)
    /// The connection that was ready is gone, or an attempt has failed: `wasReady` says which.
    func reconnectorCut(_ error: RedisError, wasReady: Bool)
}

/// Keeps one connection to one server: makes it, and when it is cut makes it anew, for ever, with growing waits.
///
/// Confined to the loop of its environment.
final class Reconnector: RedisConnectionDelegate {
    private enum State {
        case idle
        case connecting
        case open(RedisConnection, isReady: Bool)
        case waiting(Scheduled<Void>)
        case stopped
    }

    let address: RedisAddress
    private let environment: ConnectionEnvironment
    private weak var delegate: (any ReconnectorDelegate)?
    private var state = State.idle
    private var backoff: Backoff
    private var generator = SystemRandomNumberGenerator()

    init(_ address: RedisAddress, _ environment: ConnectionEnvironment, delegate: any ReconnectorDelegate) {
        self.address = address
        self.environment = environment
        self.delegate = delegate
        self.backoff = Backoff(environment.configuration.backoff)
    }

    /// The connection, where it is ready.
    var connection: RedisConnection? {
        if case .open(let connection, true) = state { connection } else { nil }
    }

    /// Begins; nothing where it has begun.
    func start() {
        environment.eventLoop.assertInEventLoop()
        if case .idle = state { connect() }
    }

    /// Ends for good.
    func stop() {
        environment.eventLoop.assertInEventLoop()
        let last = state
        state = .stopped
        delegate = nil
        switch last {
        case .open(let connection, _): connection.close(RedisError(.shutDown, "the client has been shut down"))
        case .waiting(let timer): timer.cancel()
        case .idle, .connecting, .stopped: break
        }
    }

    /// The connection does what it is there for: the next wait is a short one. A greeting alone does not say that.
    func connectionIsOfUse() {
        environment.eventLoop.assertInEventLoop()
        backoff.succeeded()
    }

    private func connect() {
        state = .connecting
        let bound = NIOLoopBound(self, eventLoop: environment.eventLoop)
        ClientBootstrap(group: environment.eventLoop)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(TimeAmount(environment.configuration.connectTimeout))
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel) } }
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel)
                case .failure(let error): self.ended(self.unreachable(error))
                }
            }
    }

    private func unreachable(_ error: (any Error)?) -> RedisError {
        RedisError(.connection, "Redis at \(address) cannot be reached: check that it runs and listens there", underlying: error)
    }

    /// One channel for each address of the name, of which the first to connect is used.
    private func prepare(_ channel: any Channel) throws {
        if let tls = environment.tls {
            let name = environment.configuration.tls?.serverName ?? address.host
            // A certificate for an address is checked against the address that was connected to.
            let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : name))
        }
        try channel.pipeline.syncOperations.addHandler(RedisConnection(environment, delegate: self))
    }

    private func connected(_ channel: any Channel) {
        guard case .connecting = state else { return channel.close(promise: nil) }
        guard channel.isActive, let connection = try? channel.pipeline.syncOperations.handler(type: RedisConnection.self) else {
            return ended(unreachable(nil))
        }
        state = .open(connection, isReady: false)
    }

    // MARK: What the connection says

    func connectionReady(_ connection: RedisConnection, _ greeting: ConnectionHandshake.Greeting) {
        guard isOpen(connection) else { return }
        state = .open(connection, isReady: true)
        environment.logger.debug("connected to Redis", metadata: ["redis": "\(address)", "resp": "\(greeting.protocolVersion)"])
        delegate?.reconnectorReady(connection, greeting)
    }

    func connectionReceived(_ value: RESPValue) { delegate?.reconnectorReceived(value) }

    func connectionClosed(_ connection: RedisConnection, _ error: RedisError) {
        guard isOpen(connection) else { return }
        ended(error)
    }

    /// An attempt has failed, or the connection is over.
    private func ended(_ error: RedisError) {
        var wasReady = false
        switch state {
        case .idle, .waiting, .stopped: return
        case .connecting: break
        case .open(_, let isReady): wasReady = isReady
        }
        let wait = backoff.failed(using: &generator)
        environment.logger.debug("no connection to Redis", metadata: ["redis": "\(address)", "error": "\(error)", "again in": "\(wait)"])
        state = .waiting(
            environment.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) { [weak self] in
                guard let self, case .waiting = self.state else { return }
                self.connect()
            }
        )
        delegate?.reconnectorCut(error, wasReady: wasReady)
    }

    private func isOpen(_ connection: RedisConnection) -> Bool {
        if case .open(let current, _) = state { current === connection } else { false }
    }
}
