import GatewayDomain
import Synchronization

/// A ``MessageStore`` of one node that is gone with its process.
public final class InMemoryMessageStore: MessageStore {
    fileprivate struct State {
        var mailboxes: [UserID: Mailbox] = [:]
        /// Who has been kept something for, oldest first: from whose mailbox the oldest goes where all of them are too much.
        var order: FIFO<UserID> = FIFO()
        var items = 0
        var bytes = 0
        var ledger: [ClientMessageKey: SentMessage] = [:]
        var ledgerOrder: FIFO<ClientMessageKey> = FIFO()
        var bySender: [UserID: FIFO<ClientMessageKey>] = [:]
    }

    private let state = Mutex(State())
    private let bounds: MailboxBounds
    private let now: @Sendable () -> Int64

    /// An empty store.
    ///
    /// - Parameters:
    ///   - bounds: How much it keeps.
    ///   - now: The time, in milliseconds since 1970.
    public init(bounds: MailboxBounds = MailboxBounds(), now: @escaping @Sendable () -> Int64) {
        self.bounds = bounds
        self.now = now
    }

    /// See ``MessageStore``.
    public func keep(_ item: MailboxItem, for user: UserID) async throws -> Int {
        let now = now()
        return state.withLock { $0.keep(item, for: user, bounds: bounds, now: now) }
    }

    /// See ``MessageStore``.
    public func accept(_ item: MailboxItem, for user: UserID?, as key: ClientMessageKey) async throws -> MessageAcceptance {
        let now = now()
        return state.withLock { state in
            state.forgetNames(bounds: bounds, now: now)
            if let first = state.ledger[key] { return .repeated(first) }
            state.remember(SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false), as: key, bounds: bounds)
            return .accepted(dropped: user.map { state.keep(item, for: $0, bounds: bounds, now: now) } ?? 0)
        }
    }

    /// See ``MessageStore``.
    public func setDelivered(_ key: ClientMessageKey) async throws {
        state.withLock { $0.ledger[key]?.delivered = true }
    }

    /// See ``MessageStore``.
    public func items(for user: UserID) async throws -> [MailboxItem] {
        let now = now()
        return state.withLock { state in
            state.change(user) { $0.expire(before: now - bounds.lifetime.inMilliseconds) }
            return state.mailboxes[user]?.items ?? []
        }
    }

    /// See ``MessageStore``.
    @discardableResult
    public func remove(_ ids: Set<String>, of user: UserID) async throws -> Int {
        state.withLock { state in
            let before = state.items
            state.change(user) { $0.remove(ids) }
            return before - state.items
        }
    }

    /// See ``MessageStore``.
    public func usage() async throws -> MailboxUsage? {
        state.withLock { MailboxUsage(items: $0.items, bytes: $0.bytes) }
    }
}

extension InMemoryMessageStore.State {
    /// Changes one mailbox, and the sums with it.
    fileprivate mutating func change(_ user: UserID, _ body: (inout Mailbox) -> Void) {
        guard var mailbox = mailboxes.removeValue(forKey: user) else { return }
        items -= mailbox.items.count
        bytes -= mailbox.byteCount
        body(&mailbox)
        items += mailbox.items.count
        bytes += mailbox.byteCount
        if !mailbox.items.isEmpty { mailboxes[user] = mailbox }
    }

    fileprivate mutating func keep(_ item: MailboxItem, for user: UserID, bounds: MailboxBounds, now: Int64) -> Int {
        mailboxes[user] = mailboxes[user] ?? Mailbox()
        var dropped = 0
        change(user) { mailbox in
            mailbox.expire(before: now - bounds.lifetime.inMilliseconds)
            dropped = mailbox.keep(item, bounds: bounds)
        }
        order.append(user)
        while items > bounds.items || bytes > bounds.bytes, let oldest = order.popFirst() {
            let before = items
            change(oldest) { $0.removeOldest() }
            dropped += before - items
        }
        // One entry was made for each item, and most items are taken in soon: made anew before those say too little.
        if order.count > 2 * items + 1024 { reorder() }
        return dropped
    }

    private mutating func reorder() {
        let all = mailboxes.flatMap { user, mailbox in mailbox.items.map { (user, $0.keptAt) } }
        order = FIFO()
        for (user, _) in all.sorted(by: { $0.1 < $1.1 }) { order.append(user) }
    }

    fileprivate mutating func remember(_ message: SentMessage, as key: ClientMessageKey, bounds: MailboxBounds) {
        ledger[key] = message
        ledgerOrder.append(key)
        bySender[key.sender, default: FIFO()].append(key)
        if let count = bySender[key.sender]?.count, count > bounds.rememberedPerSender,
            let oldest = bySender[key.sender]?.popFirst()
        {
            ledger[oldest] = nil
        }
    }

    /// Forgets names that are too old, or too many.
    fileprivate mutating func forgetNames(bounds: MailboxBounds, now: Int64) {
        let oldest = now - bounds.repeatWindow.inMilliseconds
        while let first = ledgerOrder.first {
            if let message = ledger[first], message.timestamp >= oldest, ledgerOrder.count <= bounds.remembered { return }
            ledgerOrder.removeFirst()
            guard ledger.removeValue(forKey: first) != nil else { continue }
            _ = bySender[first.sender]?.popFirst()
            if bySender[first.sender]?.isEmpty == true { bySender[first.sender] = nil }
        }
    }
}
