public import Logging
public import NIOCore
public import RESP
import Synchronization

/// A client of one Redis server, or of a Redis Cluster.
///
/// It keeps one connection for commands (one to each node of a cluster) and others for subscriptions, all on one event loop, and makes them
/// anew when they are cut. Commands may come from anywhere: those that come in one pass of the loop are written together, one hop for all.
///
/// What Redis puts off (`LOADING`, on a cluster `CLUSTERDOWN` and `TRYAGAIN`) is sent again every 100 ms until its time is over. Commands that
/// come meanwhile for the same slot, or for a server that is no cluster, wait and are sent behind it.
///
/// ```swift
/// let client = try RedisClient(configuration: RedisConfiguration(url: "redis://127.0.0.1:6379"), group: group, logger: logger)
/// try await client.start()
/// let value = try await client.send(RedisCommand("GET", "greeting", key: "greeting"))
/// await client.shutdown()
/// ```
///
/// `MULTI` and commands that block are not for it: the connection is shared. Scripts do what transactions do; ``RedisStreamReader`` blocks on
/// a connection of its own.
public final class RedisClient: Sendable {
    /// The settings.
    public let configuration: RedisConfiguration
    /// Channels that messages come from.
    public let subscriptions: RedisSubscriptions
    let environment: ConnectionEnvironment
    let core: ClientCore
    private let inbox = Mutex<[RedisRequest]>([])
    private let limit: QueueLimit

    /// A client that does nothing before ``start()``.
    ///
    /// - Throws: ``RedisError`` where certificates cannot be read.
    public convenience init(configuration: RedisConfiguration, group: any EventLoopGroup, logger: Logger) throws(RedisError) {
        self.init(try ConnectionEnvironment(configuration, eventLoop: group.next(), logger: logger))
    }

    init(_ environment: ConnectionEnvironment) {
        self.configuration = environment.configuration
        self.environment = environment
        self.limit = QueueLimit(environment.configuration)
        self.core = ClientCore(environment, limit)
        self.subscriptions = RedisSubscriptions(environment, core)
    }

    /// Whether the servers are a cluster; known once ``start()`` has returned.
    public var isCluster: Bool { core.isCluster.load(ordering: .relaxed) }

    /// How often what is sent later came to go to a server that may not hold what the one before held: a connection was cut, or slots of a
    /// cluster have another node now. No command need have failed: those that come while there is no connection wait for the next. Who reads
    /// on from a position compares this with the number from before. May be asked on any thread.
    public var interruptions: Int { core.interruptions.load(ordering: .acquiring) }

    /// How many commands wait for their answers.
    public var queuedCommands: Int { limit.count.load(ordering: .relaxed) }

    /// Connects. From here on the client reconnects by itself.
    ///
    /// - Throws: ``RedisError`` where there is no connection within ``RedisConfiguration/connectTimeout``; the client is shut down then.
    public func start() async throws(RedisError) {
        let result: Result<Void, RedisError> = await withCheckedContinuation { continuation in
            environment.eventLoop.execute { self.core.start { continuation.resume(returning: $0) } }
        }
        if case .failure(let error) = result {
            await shutdown()
            throw error
        }
    }

    /// Closes all connections. What waits fails with ``RedisError/Code/shutDown``.
    public func shutdown() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            environment.eventLoop.execute {
                self.subscriptions.stop()
                self.core.stop()
                continuation.resume()
            }
        }
    }

    /// Sends a command without waiting, from any thread or loop.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - done: Gets the answer, on the client's loop, or at once where nothing is sent because too much waits.
    public func submit(_ command: RedisCommand, _ done: (@Sendable (Result<RESPValue, RedisError>) -> Void)? = nil) {
        let deadline = environment.eventLoop.now + TimeAmount(command.timeout ?? configuration.commandTimeout)
        submit([RedisRequest(command, deadline: deadline, done: done)])
    }

    private func submit(_ requests: [RedisRequest]) {
        let accepted = requests.filter { request in
            let isAccepted = limit.take(request.size)
            if !isAccepted { request.done?(.failure(limit.error)) }
            return isAccepted
        }
        guard !accepted.isEmpty else { return }
        let isFirst = inbox.withLock { inbox in
            defer { inbox += accepted }
            return inbox.isEmpty
        }
        if isFirst { environment.eventLoop.execute { self.drain() } }
    }

    private func drain() {
        let requests = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for request in requests { core.send(request) }
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Throws: ``RedisError``; an error that Redis answers is ``RedisError/Code/reply``.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let result = await withCheckedContinuation { continuation in submit(command) { continuation.resume(returning: $0) } }
        return try result.get()
    }

    /// Sends commands together and waits for all answers, which come in the order of the commands. On a cluster each goes to the node of its
    /// key. Other commands may get between them.
    public func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        let now = environment.eventLoop.now
        return await withCheckedContinuation { continuation in
            let answers = PipelineAnswers(count: commands.count) { continuation.resume(returning: $0) }
            submit(
                commands.enumerated().map { index, command in
                    let deadline = now + TimeAmount(command.timeout ?? configuration.commandTimeout)
                    return RedisRequest(command, deadline: deadline) { answers.set(index, $0) }
                }
            )
        }
    }

    /// Sends a command to every node of a cluster that has slots, or to the one server there is: for what a node knows of itself only.
    ///
    /// - Throws: The first failure.
    public func sendToAll(_ command: RedisCommand) async throws(RedisError) -> [RESPValue] {
        let nodes: [RedisAddress?] = await withCheckedContinuation { continuation in
            environment.eventLoop.execute { continuation.resume(returning: self.core.nodes) }
        }
        let deadline = environment.eventLoop.now + TimeAmount(command.timeout ?? configuration.commandTimeout)
        let results: [Result<RESPValue, RedisError>] = await withCheckedContinuation { continuation in
            let answers = PipelineAnswers(count: nodes.count) { continuation.resume(returning: $0) }
            submit(
                nodes.enumerated().map { index, node in
                    var request = RedisRequest(command, deadline: deadline) { answers.set(index, $0) }
                    request.node = node
                    return request
                }
            )
        }
        var values: [RESPValue] = []
        for result in results { values.append(try result.get()) }
        return values
    }

    /// Runs a script by its digest, and by its source where Redis does not know it.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: What it has as `KEYS`.
    ///   - arguments: What it has as `ARGV`.
    ///   - timeout: How long the answer may take, where that is not ``RedisConfiguration/commandTimeout``.
    public func run(
        _ script: RedisScript,
        keys: [String] = [],
        arguments: [RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws(RedisError) -> RESPValue {
        var command = script.command(bySource: false, keys: keys, arguments: arguments)
        command.timeout = timeout
        do {
            return try await send(command)
        } catch {
            guard error.reply?.code == "NOSCRIPT" else { throw error }
            command = script.command(bySource: true, keys: keys, arguments: arguments)
            command.timeout = timeout
            return try await send(command)
        }
    }
}
