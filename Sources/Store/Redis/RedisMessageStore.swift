public import GatewayDomain
import RESP
public import RedisClient

/// A ``MessageStore`` in Redis, shared by all nodes; it tells them of what it keeps.
///
/// Of ``MailboxBounds`` it keeps those of one user and one sender. What all users have together is bounded by the age of it, and by the
/// memory that Redis is given.
public struct RedisMessageStore: SharedMessageStore {
    private let client: RedisClient
    private let bounds: MailboxBounds
    private let now: @Sendable () -> Int64

    /// How long the id of a notification is remembered: twice the hour that streams are kept for.
    private static let toldWindow = Duration.seconds(2 * 3600)

    /// A store in the Redis of `client`, which has been started.
    ///
    /// - Parameters:
    ///   - client: The connection.
    ///   - bounds: How much is kept.
    ///   - now: The time, in milliseconds since 1970.
    public init(client: RedisClient, bounds: MailboxBounds = MailboxBounds(), now: @escaping @Sendable () -> Int64) {
        self.client = client
        self.bounds = bounds
        self.now = now
    }

    // MARK: MessageStore

    /// See ``MessageStore``.
    public func keep(_ item: MailboxItem, for user: UserID) async throws -> Int { try await keep(item, user, nil).dropped }

    /// See ``MessageStore``.
    public func accept(_ item: MailboxItem, for user: UserID?, as key: ClientMessageKey) async throws -> MessageAcceptance {
        guard let user else {
            let first = try await claim(item, key, state: .kept)
            return first.map { .repeated($0.message) } ?? .accepted(dropped: 0)
        }
        switch try await accept(item, for: user, as: key, nil) {
        case .accepted(let keeping, _): return .accepted(dropped: keeping.dropped)
        case .repeated(let first): return .repeated(first)
        }
    }

    /// See ``MessageStore``.
    public func setDelivered(_ key: ClientMessageKey) async throws { try await settle(key, state: nil, isDelivered: true) }

    /// See ``MessageStore``.
    public func items(for user: UserID) async throws -> [MailboxItem] { try await keptItems(for: user).map(\.item) }

    /// See ``MessageStore``.
    @discardableResult
    public func remove(_ ids: Set<String>, of user: UserID) async throws -> Int {
        guard !ids.isEmpty else { return 0 }
        return Int(try await run(MailScripts.remove, keys(of: user), ids.map { .string($0) }).integer ?? 0)
    }

    /// Not known: nobody counts over all users.
    public func usage() async throws -> MailboxUsage? { nil }

    // MARK: SharedMessageStore

    /// See ``SharedMessageStore``.
    public func keep(_ item: MailboxItem, for user: UserID, telling node: NodeID) async throws -> SharedKeeping {
        try await keep(item, user, node)
    }

    /// See ``SharedMessageStore``.
    public func accept(
        _ item: MailboxItem,
        for user: UserID,
        as key: ClientMessageKey,
        telling node: NodeID
    ) async throws -> SharedAcceptance {
        try await accept(item, for: user, as: key, node)
    }

    /// See ``SharedMessageStore``.
    public func begin(_ item: MailboxItem, as key: ClientMessageKey) async throws -> MessageBeginning {
        guard let (first, state) = try await claim(item, key, state: .claimed) else { return .new }
        return state == .claimed ? .unfinished(first) : .finished(first)
    }

    /// See ``SharedMessageStore``.
    public func finish(_ key: ClientMessageKey) async throws { try await settle(key, state: .kept, isDelivered: false) }

    /// See ``SharedMessageStore``.
    public func keptItems(for user: UserID) async throws -> [KeptItem] {
        let earliest = now() - bounds.lifetime.inMilliseconds
        let parts = try await run(MailScripts.read, keys(of: user), ["\(earliest)"]).array ?? []
        let items = try stride(from: 0, to: parts.count - parts.count % 4, by: 4).map { index in
            guard let kind = parts[index].string.flatMap({ MailboxItem.Kind(letter: $0) }), let id = parts[index + 1].string,
                let place = parts[index + 2].integer, let value = parts[index + 3].string, let end = value.firstIndex(of: "\n"),
                let keptAt = Int64(value[..<end])
            else { throw StoreError(code: .failed, message: "what is kept for a user in Redis was written by another version") }
            let members = String(value[value.index(after: end)...])
            return KeptItem(MailboxItem(id: id, kind: kind, members: members, keptAt: keptAt), place: place)
        }
        return items.sorted { $0.place ?? 0 < $1.place ?? 0 }
    }

    // MARK: Steps

    private func keep(_ item: MailboxItem, _ user: UserID, _ node: NodeID?) async throws -> SharedKeeping {
        let (kind, other) = (item.kind, item.kind.other)
        let answer = try await run(
            MailScripts.keep,
            [StateKeys.mail(user), StateKeys.mail(user, kind), StateKeys.mail(user, other), StateKeys.told(user)],
            [
                .string(kind.letter), .string(other.letter), .string(item.id), "\(item.keptAt)", .string(item.members),
                "\(now() - bounds.lifetime.inMilliseconds)", "\(bounds.lifetime.inMilliseconds)",
                .integer(bounds.itemsPerUser(kind)), .integer(bounds.bytesPerUser), .string(StateKeys.devices(user)),
                .string(client.publishCommand), .string(node?.rawValue ?? "-"), "\(Self.toldWindow.inMilliseconds)",
                .string(item.sentAt.map { "\($0)" } ?? ""),
            ]
        )
        let numbers = (answer.array ?? []).map { Int($0.integer ?? 0) }
        guard numbers.count == 2 else { throw StoreError(code: .failed, message: "Redis answered a script in an unknown way") }
        return SharedKeeping(dropped: numbers[0], nodesTold: max(0, numbers[1]))
    }

    private func accept(_ item: MailboxItem, for user: UserID, as key: ClientMessageKey, _ node: NodeID?) async throws -> SharedAcceptance {
        // Sender and user are on different nodes of a cluster, so this cannot be one step. A claim without its item is made good by the
        // sender's repeat, which finds it still marked as such.
        var item = item
        if let (first, state) = try await claim(item, key, state: .claimed) {
            guard state == .claimed else { return .repeated(first) }
            // The id stands in the members too, and is random, so it stands for itself only.
            let members = item.members.replacing(item.id, with: first.messageID)
            item = MailboxItem(id: first.messageID, kind: item.kind, members: members, keptAt: first.timestamp)
        }
        let keeping = try await keep(item, user, node)
        try await settle(key, state: .kept, isDelivered: false)
        return .accepted(keeping, SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false))
    }

    private enum ClaimState: String { case claimed = "c", kept = "k" }

    private func claim(
        _ item: MailboxItem,
        _ key: ClientMessageKey,
        state: ClaimState
    ) async throws -> (message: SentMessage, state: ClaimState)? {
        let answer = try await run(
            MailScripts.claim,
            [StateKeys.sent(key.sender), StateKeys.sentOrder(key.sender)],
            [
                .string(key.id), .string("\(state.rawValue) 0 \(item.keptAt) \(item.id)"), "\(item.keptAt)",
                "\(now() - bounds.repeatWindow.inMilliseconds)", .integer(bounds.rememberedPerSender),
                "\(bounds.repeatWindow.inMilliseconds)",
            ]
        )
        guard let text = answer.string else { return nil }
        let parts = text.split(separator: " ", maxSplits: 3)
        guard parts.count == 4, let state = ClaimState(rawValue: String(parts[0])), let timestamp = Int64(parts[2]) else {
            throw StoreError(code: .failed, message: "an answer in Redis was written by another version")
        }
        return (SentMessage(messageID: String(parts[3]), timestamp: timestamp, delivered: parts[1] == "1"), state)
    }

    private func settle(_ key: ClientMessageKey, state: ClaimState?, isDelivered: Bool) async throws {
        _ = try await run(
            MailScripts.settle,
            [StateKeys.sent(key.sender)],
            [.string(key.id), .string(state?.rawValue ?? ""), isDelivered ? "1" : "0"]
        )
    }

    private func keys(of user: UserID) -> [String] {
        [StateKeys.mail(user), StateKeys.mail(user, .directMessage), StateKeys.mail(user, .notification)]
    }

    private func run(_ script: RedisScript, _ keys: [String], _ arguments: [RedisArgument]) async throws -> RESPValue {
        do { return try await client.run(script, keys: keys, arguments: arguments) } catch { throw StoreError(error) }
    }
}

extension StoreError {
    /// What Redis said.
    init(_ error: RedisError) {
        self.init(code: error.code == .reply ? .failed : .unavailable, message: "\(error)")
    }
}

extension RedisClient {
    /// How scripts publish: on a cluster over sharded channels, which stay on the node of their slot.
    public var publishCommand: String { isCluster ? "SPUBLISH" : "PUBLISH" }
    /// How such channels are subscribed.
    public var channelKind: RedisSubscriptions.Kind { isCluster ? .sharded : .channel }
}
