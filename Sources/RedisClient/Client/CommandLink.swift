import NIOCore
import RESP

/// Who gets the answers of a ``CommandLink``.
protocol CommandLinkDelegate: AnyObject {
    /// There is a connection.
    func linkReady(_ link: CommandLink, _ greeting: ConnectionHandshake.Greeting)
    /// A request has come to its end here.
    func link(_ link: CommandLink, completed request: RedisRequest, _ result: Result<RESPValue, RedisError>)
    /// The connection is cut, or cannot be made: `wasReady` says which.
    func linkCut(_ link: CommandLink, _ error: RedisError, wasReady: Bool)
}

/// Commands to one server, in order, over one connection at a time. While there is none they wait; those that were under way when it was cut
/// fail, because nobody knows whether they were carried out.
///
/// Confined to the loop of its environment.
final class CommandLink: ReconnectorDelegate {
    private let environment: ConnectionEnvironment
    private weak var delegate: (any CommandLinkDelegate)?
    private lazy var reconnector = Reconnector(address, environment, delegate: self)
    let address: RedisAddress
    private var waiting = CircularBuffer<RedisRequest>()
    /// `nil`: nobody waits for the answer any more.
    private var inFlight = CircularBuffer<RedisRequest?>()
    /// When the oldest command was given that nobody waits for any more, of those since the last answer that somebody waited for.
    private var lateSince: NIODeadline?
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?

    init(_ address: RedisAddress, _ environment: ConnectionEnvironment, delegate: any CommandLinkDelegate) {
        self.address = address
        self.environment = environment
        self.delegate = delegate
    }

    var isReady: Bool { reconnector.connection != nil }

    /// Whether nothing waits and nothing is under way.
    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }

    func start() { reconnector.start() }

    /// Ends for good: what waits fails.
    func stop(_ error: RedisError) {
        reconnector.stop()
        timer?.task.cancel()
        let requests = inFlight.compactMap { $0 } + waiting
        inFlight.removeAll()
        waiting.removeAll()
        for request in requests { delegate?.link(self, completed: request, .failure(error)) }
        delegate = nil
    }

    /// Takes back what has not been sent.
    func takeWaiting() -> [RedisRequest] {
        defer { waiting.removeAll() }
        return Array(waiting)
    }

    func send(_ request: RedisRequest) {
        if let connection = reconnector.connection { write(request, to: connection) } else { waiting.append(request) }
        expect(request.deadline)
    }

    private func write(_ request: RedisRequest, to connection: RedisConnection) {
        if request.isAsking {
            connection.write(RedisCommand("ASKING"))
            inFlight.append(nil)
        }
        connection.write(request.command)
        inFlight.append(request)
    }

    // MARK: The connection

    func reconnectorReady(_ connection: RedisConnection, _ greeting: ConnectionHandshake.Greeting) {
        reconnector.connectionIsOfUse()
        let requests = takeWaiting()
        delegate?.linkReady(self, greeting)
        for request in requests { write(request, to: connection) }
    }

    func reconnectorReceived(_ value: RESPValue) {
        // What comes unasked for is no answer.
        if case .push = value { return }
        guard let first = inFlight.popFirst() else {
            reconnector.connection?.close(RedisError(.protocolViolation, "Redis answered what was not asked"))
            return
        }
        if first != nil || inFlight.isEmpty { lateSince = nil }
        guard let request = first else { return }
        delegate?.link(self, completed: request, value.error.map { .failure(RedisError(reply: $0)) } ?? .success(value))
    }

    func reconnectorCut(_ error: RedisError, wasReady: Bool) {
        let requests = inFlight.compactMap { $0 }
        inFlight.removeAll()
        lateSince = nil
        for request in requests {
            let error = RedisError(
                error.code == .protocolViolation ? error.code : .connection,
                "the connection to Redis at \(address) was cut: \(request.command.name) may or may not have been carried out",
                underlying: error
            )
            delegate?.link(self, completed: request, .failure(error))
        }
        delegate?.linkCut(self, error, wasReady: wasReady)
    }

    // MARK: Time-outs

    /// Looks after the requests no later than `deadline`.
    private func expect(_ deadline: NIODeadline) {
        if let timer, timer.at <= deadline { return }
        timer?.task.cancel()
        timer = (
            deadline,
            environment.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.timerFired() }
        )
    }

    private func timerFired() {
        timer = nil
        let now = environment.eventLoop.now
        var late: [RedisRequest] = []
        var hasAbandoned = false
        for index in inFlight.indices {
            if let request = inFlight[index], request.deadline <= now {
                late.append(request)
                inFlight[index] = nil
            }
            if inFlight[index] == nil { hasAbandoned = true }
        }
        let sent = late.count
        late += waiting.filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        for (index, request) in late.enumerated() {
            delegate?.link(self, completed: request, .failure(timeout(request, wasSent: index < sent)))
        }
        if let oldest = late.prefix(sent).map(\.deadline).min() {
            let began = oldest - TimeAmount(environment.configuration.commandTimeout)
            lateSince = lateSince.map { min($0, began) } ?? began
        }
        if let connection = reconnector.connection, hasAbandoned, let lateSince {
            // One that answers, but only what nobody waits for, would be given new commands for ever behind those.
            let until = lateSince + TimeAmount(environment.configuration.silenceTimeout)
            if until <= now {
                let isSilent = connection.lastReceived <= lateSince
                connection.close(RedisError(.timeout, "Redis at \(address) \(isSilent ? "is silent" : "answers too late")"))
            } else {
                expect(until)
            }
        }
        if let next = (inFlight.compactMap { $0?.deadline } + waiting.map(\.deadline)).min() { expect(next) }
    }

    private func timeout(_ request: RedisRequest, wasSent: Bool) -> RedisError {
        RedisError(
            .timeout,
            wasSent
                ? "Redis at \(address) has not answered \(request.command.name) in time: it may or may not have been carried out"
                : "there was no connection to Redis at \(address) in time: \(request.command.name) was not sent"
        )
    }
}
