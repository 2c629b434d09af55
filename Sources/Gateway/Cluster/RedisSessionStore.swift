import GatewayDomain
import Logging
import NIOCore
import RESP
import RedisClient
import SocketIO
import Store
import Synchronization

/// The sessions of all nodes, in Redis: written while their clients are connected, so that a node may go without a word.
///
/// A key a session, which expires with the window of recovery, so a connected client's is written anew several times in it. It names the node
/// that has the client: what another one writes is refused, so that a connection that is dead and does not know it yet cannot bring back what
/// its client has taken up elsewhere. All goes through one line, whose pieces are pipelined: what is asked for comes behind what was said.
final class RedisSessionStore: SessionStore {
    private enum Step: Sendable {
        case write([SavedSession], window: Duration, done: @Sendable (SessionWriteResult) -> Void)
        case remove(String)
        case read(String, isTaken: Bool, CheckedContinuation<Result<ByteBuffer?, RedisError>, Never>)
    }

    private struct Line {
        var steps: CircularBuffer<Step> = []
        var isMoving = false
    }

    private let client: RedisClient
    private let node: ClusterNode
    private let text: SessionText
    private let counters: GatewayCounters
    private let logger: Logger
    private let line = Mutex(Line())

    /// Sessions are written while their clients are connected.
    let isShared = true
    /// The most bytes of a session; a larger one is not kept.
    private static let maximumBytes = 64 << 10
    /// How long Redis has for an answer: a client waits for it.
    private static let timeout = Duration.seconds(1)
    /// The most steps of one pipeline.
    private static let pieces = 64
    /// How long a session that was taken names its new node, which is about to write it.
    private static let handover = Duration.seconds(60)

    // Fields: `o` the node that has the client, `s` the session.
    /// KEYS: the session. ARGV: the node, the session, milliseconds. 0 where another node has the client.
    private static let write = """
        local o=redis.call('HGET',KEYS[1],'o') if o and o~=ARGV[1] then return 0 end \
        redis.call('HSET',KEYS[1],'o',ARGV[1],'s',ARGV[2]) redis.call('PEXPIRE',KEYS[1],ARGV[3]) return 1
        """
    /// KEYS: the session. ARGV: the node. Forgets it where that node has the client.
    private static let remove = "if redis.call('HGET',KEYS[1],'o')==ARGV[1] then redis.call('DEL',KEYS[1]) end return false"
    /// KEYS: the session. ARGV: the node that has the client from now on, milliseconds.
    private static let take = """
        local s=redis.call('HGET',KEYS[1],'s') if not s then return false end redis.call('HDEL',KEYS[1],'s') \
        redis.call('HSET',KEYS[1],'o',ARGV[1]) redis.call('PEXPIRE',KEYS[1],ARGV[2]) return s
        """

    init(client: RedisClient, node: ClusterNode, counters: GatewayCounters, logger: Logger) {
        self.client = client
        self.node = node
        self.text = SessionText(node: node.id)
        self.counters = counters
        self.logger = logger
    }

    // MARK: The store

    func save(_ session: SavedSession, for window: Duration) { enqueue(.write([session], window: window) { _ in }) }

    func write(_ sessions: [SavedSession], for window: Duration, _ done: @escaping @Sendable (SessionWriteResult) -> Void) {
        enqueue(.write(sessions, window: window, done: done))
    }

    func remove(_ pid: String) { enqueue(.remove(pid)) }

    func find(_ pid: String) async throws -> SavedSession? { try await read(pid, isTaken: false) }

    func take(_ pid: String) async throws -> SavedSession? { try await read(pid, isTaken: true) }

    /// What is kept expires in Redis by itself, and is not counted here.
    var sessionCounts: (kept: Int, evicted: Int) { (0, 0) }

    private func read(_ pid: String, isTaken: Bool) async throws -> SavedSession? {
        // A client that waits for nothing is worse off than one that begins anew.
        guard node.isReachable else { throw StoreError(code: .unavailable, message: "Redis does not answer") }
        let answer = await withCheckedContinuation { enqueue(.read(pid, isTaken: isTaken, $0)) }
        guard let bytes = try answer.get() else { return nil }
        guard let session = text.read(Array(bytes.readableBytesView), pid: pid) else {
            counters.count(.malformed)
            return nil
        }
        return session
    }

    /// Returns when everything has been written that was to be. For the end of the process, after the last socket.
    func finish() async {
        _ = await withCheckedContinuation { enqueue(.read("", isTaken: false, $0)) }
    }

    // MARK: The line

    private func enqueue(_ step: Step) {
        let begins = line.withLock { line in
            line.steps.append(step)
            defer { line.isMoving = true }
            return !line.isMoving
        }
        if begins { Task { await move() } }
    }

    private func move() async {
        while true {
            let steps = line.withLock { line in
                let piece = Array(line.steps.prefix(Self.pieces))
                line.steps.removeFirst(piece.count)
                if piece.isEmpty { line.isMoving = false }
                return piece
            }
            guard !steps.isEmpty else { return }
            await carryOut(steps)
        }
    }

    private func carryOut(_ steps: [Step]) async {
        // Else each piece would take as long as Redis has for an answer: more could come meanwhile, and the end of the process waits for all.
        guard node.isReachable else { return steps.forEach(fail) }
        let commands = steps.map { self.commands(for: $0) }
        let answers = await client.pipeline(commands.flatMap { $0 })
        var next = 0
        for (step, commands) in zip(steps, commands) {
            let own = Array(answers[next..<next + commands.count])
            next += commands.count
            switch step {
            case .write(let sessions, _, let done): done(result(of: own, sessions))
            case .remove: break
            case .read(_, _, let continuation):
                continuation.resume(returning: own.first.map { $0.map { $0.isNull ? nil : $0.buffer } } ?? .success(nil))
            }
        }
    }

    /// Answers a step that is not tried. What is lost of connected clients is written anew several times in the window, and when Redis is back.
    private func fail(_ step: Step) {
        switch step {
        case .write(let sessions, _, let done):
            for _ in sessions { counters.count(.sessionFailure) }
            done(.failed)
        case .remove: counters.count(.sessionFailure)
        case .read("", _, let continuation): continuation.resume(returning: .success(nil))
        case .read(_, _, let continuation): continuation.resume(returning: .failure(RedisError(.connection, "Redis does not answer")))
        }
    }

    private func result(of answers: [Result<RESPValue, RedisError>], _ sessions: [SavedSession]) -> SessionWriteResult {
        var superseded: [String] = []
        for (session, answer) in zip(sessions, answers) {
            switch answer {
            case .success(let value): if value.integer == 0 { superseded.append(session.pid) }
            case .failure(let error):
                counters.count(.sessionFailure)
                logger.debug("sessions could not be written", metadata: ["error": "\(error)"])
                return .failed
            }
        }
        return .written(superseded: superseded)
    }

    private func commands(for step: Step) -> [RedisCommand] {
        let owner = RedisArgument.string(node.id.rawValue)
        switch step {
        case .write(let sessions, let window, _):
            return sessions.map { session in
                guard let text = text.write(session), text.utf8.count <= Self.maximumBytes else {
                    // Better none than an old one.
                    counters.count(.sessionTooLarge)
                    return script(Self.remove, session.pid, [owner])
                }
                return script(Self.write, session.pid, [owner, .string(text), .integer(Int(window.inMilliseconds))])
            }
        case .remove(let pid): return [script(Self.remove, pid, [owner])]
        case .read("", _, _): return []
        case .read(let pid, false, _):
            let key = StateKeys.session(pid)
            return [RedisCommand("HGET", [.string(key), "s"], key: key, timeout: Self.timeout)]
        case .read(let pid, true, _): return [script(Self.take, pid, [owner, .integer(Int(Self.handover.inMilliseconds))])]
        }
    }

    /// By its source, because a pipeline cannot wait for the answer that a digest is not known.
    private func script(_ source: String, _ pid: String, _ arguments: [RedisArgument]) -> RedisCommand {
        let key = StateKeys.session(pid)
        return RedisCommand("EVAL", [.string(source), 1, .string(key)] + arguments, key: key, timeout: Self.timeout)
    }
}
