import Logging
import NIOCore
import RESP

/// Who has a ``SubscriptionLink``. Everything on its loop.
protocol SubscriptionLinkDelegate: AnyObject {
    /// Something was published.
    func link(_ link: SubscriptionLink, received message: RedisMessage, for key: SubscriptionLink.Registry.Key)
    /// These waited for a confirmation that has come, or does not come.
    func link(_ link: SubscriptionLink, finished waiters: [Int], _ result: Result<Void, RedisError>)
    /// The node has given the slots of channels away; `owner` has them, where the node says so.
    func link(_ link: SubscriptionLink, moved keys: [SubscriptionLink.Registry.Key], to owner: RedisAddress?)
    /// It may have become live, or not be live any more.
    func linkStateChanged(_ link: SubscriptionLink)
    /// There is no connection and an attempt to make one has failed.
    func linkUnreachable(_ link: SubscriptionLink)
}

/// The subscriptions at one server, over one connection at a time.
///
/// Confined to the loop of its environment.
final class SubscriptionLink: ReconnectorDelegate {
    typealias Registry = SubscriptionRegistry<Int>

    let address: RedisAddress
    private(set) var registry = Registry()
    private let environment: ConnectionEnvironment
    private weak var delegate: (any SubscriptionLinkDelegate)?
    private lazy var reconnector = Reconnector(address, environment, delegate: self)
    private var pingTimer: Scheduled<Void>?

    init(_ address: RedisAddress, _ environment: ConnectionEnvironment, delegate: any SubscriptionLinkDelegate) {
        self.address = address
        self.environment = environment
        self.delegate = delegate
    }

    var isReady: Bool { reconnector.connection != nil }

    func start() { reconnector.start() }

    func stop() {
        pingTimer?.cancel()
        reconnector.stop()
        delegate = nil
    }

    func subscribe(_ key: Registry.Key, _ waiters: [Int], wasConfirmed: Bool = false) {
        write(registry.subscribe(key, waiters, wasConfirmed: wasConfirmed))
        delegate?.linkStateChanged(self)
    }

    /// Returns who still waits for the confirmation, and whether it has ever come.
    func unsubscribe(_ key: Registry.Key) -> (waiters: [Int], wasConfirmed: Bool) {
        let (commands, waiters, wasConfirmed) = registry.unsubscribe(key)
        write(commands)
        delegate?.linkStateChanged(self)
        return (waiters, wasConfirmed)
    }

    private func write(_ commands: [RedisCommand]) {
        guard let connection = reconnector.connection else { return }
        for command in commands { connection.write(command) }
    }

    // MARK: The connection

    func reconnectorReady(_ connection: RedisConnection, _ greeting: ConnectionHandshake.Greeting) {
        for command in registry.connected() { connection.write(command) }
        schedulePing(connection)
        delegate?.linkStateChanged(self)
    }

    func reconnectorCut(_ error: RedisError, wasReady: Bool) {
        pingTimer?.cancel()
        registry.cut()
        delegate?.linkStateChanged(self)
        if !wasReady { delegate?.linkUnreachable(self) }
    }

    func reconnectorReceived(_ value: RESPValue) {
        switch registry.received(value) {
        case .message(let key, let message): delegate?.link(self, received: message, for: key)
        case .confirmed(let waiters):
            delegate?.link(self, finished: waiters, .success(()))
            delegate?.linkStateChanged(self)
        case .refused(let waiters, let error):
            delegate?.link(self, finished: waiters, .failure(RedisError(reply: error)))
            delegate?.linkStateChanged(self)
        case .moved(let keys, let error):
            var owner: RedisAddress?
            if let error, case .moved(_, let address) = Redirection(error, asked: address) { owner = address }
            delegate?.link(self, moved: keys, to: owner)
            delegate?.linkStateChanged(self)
        case .apart(let commands): write(commands)
        case .withheld(let key, let error, let isNew): withheld(key, error, isNew: isNew)
        case .lost(let error): cut(RedisError(reply: error))
        case .alive: reconnector.connectionIsOfUse()
        case .unexpected: cut(RedisError(.protocolViolation, "Redis sent what is no answer to a subscription"))
        case .none: break
        }
    }

    private func withheld(_ key: Registry.Key, _ error: RESPError, isNew: Bool) {
        environment.logger.log(
            level: isNew ? .warning : .debug,
            "Redis refuses a channel that it had confirmed, which is asked for again: see the user's access list",
            metadata: ["redis": "\(address)", "channel": "\(key.name)", "error": "\(error)"]
        )
    }

    private func cut(_ error: RedisError) {
        environment.logger.warning("a subscription is lost, connecting anew", metadata: ["redis": "\(address)", "error": "\(error)"])
        reconnector.connection?.close(error)
    }

    /// A connection that is silent although it was asked is of no use: what is published does not arrive.
    private func schedulePing(_ connection: RedisConnection) {
        let interval = TimeAmount(environment.configuration.pingInterval)
        let asked = environment.eventLoop.now
        connection.write(registry.ping())
        pingTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, self.reconnector.connection === connection else { return }
            if connection.lastReceived < asked {
                self.cut(RedisError(.timeout, "Redis at \(self.address) is silent"))
            } else {
                self.write(self.registry.askAgain())
                self.schedulePing(connection)
            }
        }
    }
}
