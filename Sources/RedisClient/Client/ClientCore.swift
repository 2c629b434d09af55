import Logging
import NIOCore
import RESP
import Synchronization

/// What a client does on its loop: it finds out what it speaks to, and hands each command to the link it is for.
///
/// `@unchecked Sendable`: but for `isCluster` everything is confined to the loop of `environment`; methods assert that.
final class ClientCore: CommandLinkDelegate, @unchecked Sendable {
    typealias StartResult = Result<Void, RedisError>

    private enum State {
        case idle
        case starting(CommandLink, seed: Int, done: (StartResult) -> Void)
        case single(CommandLink)
        case stopped
    }

    let isCluster = Atomic<Bool>(false)
    private let environment: ConnectionEnvironment
    private let limit: QueueLimit
    private var state = State.idle
    private var startTimer: Scheduled<Void>?
    private var lastError: RedisError?

    init(_ environment: ConnectionEnvironment, _ limit: QueueLimit) {
        self.environment = environment
        self.limit = limit
    }

    /// The server, or the node of a cluster, that subscriptions go to; `nil` before the start and after the end.
    var address: RedisAddress? {
        environment.eventLoop.assertInEventLoop()
        return if case .single(let link) = state { link.address } else { nil }
    }

    // MARK: Beginning and end

    /// Connects to the first server that answers. `done` is called once, on the loop.
    func start(_ done: @escaping (StartResult) -> Void) {
        environment.eventLoop.assertInEventLoop()
        guard case .idle = state else {
            return done(.failure(RedisError(.configuration, "start() is called once")))
        }
        guard !environment.configuration.addresses.isEmpty else {
            return done(.failure(RedisError(.configuration, "the settings name no Redis server")))
        }
        startTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(environment.configuration.connectTimeout)) {
            self.startFailed(self.lastError ?? RedisError(.timeout, "Redis did not answer in time: check the address"))
        }
        trySeed(0, done)
    }

    private func trySeed(_ seed: Int, _ done: @escaping (StartResult) -> Void) {
        let addresses = environment.configuration.addresses
        let link = CommandLink(addresses[seed % addresses.count], environment, delegate: self)
        state = .starting(link, seed: seed, done: done)
        link.start()
    }

    private func startFailed(_ error: RedisError) {
        guard case .starting(let link, _, let done) = state else { return }
        state = .idle
        link.stop(error)
        done(.failure(error))
    }

    /// Ends: what waits fails.
    func stop() {
        environment.eventLoop.assertInEventLoop()
        let last = state
        state = .stopped
        startTimer?.cancel()
        switch last {
        case .single(let link): link.stop(Self.shutDown)
        case .starting(let link, _, let done):
            link.stop(Self.shutDown)
            done(.failure(Self.shutDown))
        case .idle, .stopped: break
        }
    }

    private static let shutDown = RedisError(.shutDown, "the client has been shut down")

    // MARK: Commands

    func send(_ request: RedisRequest) {
        environment.eventLoop.assertInEventLoop()
        switch state {
        case .single(let link): link.send(request)
        case .stopped: finish(request, .failure(Self.shutDown))
        case .idle, .starting: finish(request, .failure(RedisError(.configuration, "start() has to be called, and to return, first")))
        }
    }

    private func finish(_ request: RedisRequest, _ result: Result<RESPValue, RedisError>) {
        limit.give(request.size)
        request.done?(result)
    }

    // MARK: Links

    func linkReady(_ link: CommandLink, _ greeting: ConnectionHandshake.Greeting) {
        guard case .starting(_, _, let done) = state else { return }
        startTimer?.cancel()
        state = .single(link)
        done(.success(()))
    }

    func link(_ link: CommandLink, completed request: RedisRequest, _ result: Result<RESPValue, RedisError>) {
        if case .failure(let error) = result, error.reply?.code == "LOADING" { return sendLater(request, to: link, result) }
        finish(request, result)
    }

    /// A server that reads its files at its start has not carried the command out.
    private func sendLater(_ request: RedisRequest, to link: CommandLink, _ result: Result<RESPValue, RedisError>) {
        let later = environment.eventLoop.now + Self.loadingWait
        guard later < request.deadline else { return finish(request, result) }
        environment.eventLoop.assumeIsolated().scheduleTask(deadline: later) { self.send(request) }
    }

    private static let loadingWait = TimeAmount.milliseconds(100)

    func linkCut(_ link: CommandLink, _ error: RedisError) {
        guard case .starting(_, let seed, let done) = state else { return }
        lastError = error
        if error.code == .configuration {
            startFailed(error)
        } else if environment.configuration.addresses.count > 1 {
            link.stop(error)
            trySeed(seed + 1, done)
        }
    }
}
