import Logging
import NIOCore
import RESP
import RedisClient
import Synchronization

/// What all drivers have in common: they publish without waiting and count what does not go out, and they listen, trying again until Redis
/// has confirmed it.
final class DriverConnection: Sendable {
    let client: RedisClient
    let logger: Logger
    /// Messages that were not sent, or of which it is not known.
    var unsentCount: Int { unsent.load(ordering: .relaxed) }
    private let unsent = Atomic<Int>(0)
    /// Subscriptions are begun and ended under the lock, and so in the order of the turns.
    private let wanted = Mutex(ListeningTurns<Name>())

    private struct Name: Hashable {
        let name: String
        let kind: RedisSubscriptions.Kind
    }

    init(_ client: RedisClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    // MARK: Sending

    func submit(_ command: RedisCommand) {
        client.submit(command) { result in
            guard case .failure(let error) = result else { return }
            self.unsent.add(1, ordering: .relaxed)
            self.logger.debug("a message to other servers was not sent", metadata: ["error": "\(error)"])
        }
    }

    func publish(_ payload: ByteBuffer, to channel: String) {
        submit(RedisCommand("PUBLISH", .string(channel), .buffer(payload)))
    }

    func publishSharded(_ payload: ByteBuffer, to channel: String) {
        submit(RedisCommand("SPUBLISH", .string(channel), .buffer(payload), key: channel))
    }

    /// How many listen to a channel.
    func subscriberCount(_ channel: String, isSharded: Bool) async throws(RedisError) -> Int {
        // The other form's answer is for one node of a cluster only: all are asked.
        let command = RedisCommand("PUBSUB", isSharded ? "SHARDNUMSUB" : "NUMSUB", .string(channel), key: isSharded ? channel : nil)
        let answers = isSharded ? [try await client.send(command)] : try await client.sendToAll(command)
        return answers.reduce(0) { $0 + Int($1[channel]?.integer ?? 0) }
    }

    // MARK: Listening

    private static let retryWait = Duration.seconds(1)

    func listen(_ name: String, _ kind: RedisSubscriptions.Kind, _ receive: @escaping @Sendable (RedisMessage) -> Void) {
        let key = Name(name: name, kind: kind)
        wanted.withLock { subscribe(key, $0.begin(key), receive) }
    }

    private func subscribe(_ key: Name, _ turn: Int, _ receive: @escaping @Sendable (RedisMessage) -> Void) {
        client.subscriptions.subscribe(key.name, kind: key.kind, receive) { [weak self] result in
            guard let self, case .failure(let error) = result, error.code != .shutDown,
                wanted.withLock({ $0.isCurrent(key, turn) })
            else { return }
            logger.warning("a channel cannot be subscribed, trying again", metadata: ["channel": "\(key.name)", "error": "\(error)"])
            Task {
                try await Task.sleep(for: Self.retryWait)
                self.wanted.withLock { wanted in
                    if wanted.isCurrent(key, turn) { self.subscribe(key, turn, receive) }
                }
            }
        }
    }

    func stopListening(_ name: String, _ kind: RedisSubscriptions.Kind) {
        wanted.withLock { wanted in
            wanted.end(Name(name: name, kind: kind))
            client.subscriptions.endSubscription(name, kind: kind)
        }
    }
}
