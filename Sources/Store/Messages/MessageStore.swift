import GatewayDomain

/// Keeps what users have not taken in yet, and remembers what senders were answered. Any number of nodes may share one.
public protocol MessageStore: Sendable {
    /// Keeps an item for `user` until it is removed, too old, or pushed out by newer ones. One whose id and kind are kept already is left
    /// as it is. Returns how many items had to go for it.
    ///
    /// - Throws: ``StoreError``.
    func keep(_ item: MailboxItem, for user: UserID) async throws -> Int

    /// Takes in a message under its sender's own name for it, in one step: it is kept for `user`, where there is a user, and the answer is
    /// remembered. A repeat changes nothing.
    ///
    /// - Throws: ``StoreError``.
    func accept(_ item: MailboxItem, for user: UserID?, as key: ClientMessageKey) async throws -> MessageAcceptance

    /// The message of that name was written to a device: repeats are told so.
    ///
    /// - Throws: ``StoreError``.
    func setDelivered(_ key: ClientMessageKey) async throws

    /// What is kept for `user`, oldest first.
    ///
    /// - Throws: ``StoreError``.
    func items(for user: UserID) async throws -> [MailboxItem]

    /// What is kept for each of `users`, oldest first; nothing where nothing is.
    ///
    /// - Throws: ``StoreError``.
    func items(for users: [UserID]) async throws -> [UserID: [MailboxItem]]

    /// The user has these items, or does not want them. Returns how many of them were kept.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    func remove(_ ids: Set<String>, of user: UserID) async throws -> Int

    /// How much is kept for all users; `nil` where the store cannot say.
    ///
    /// - Throws: ``StoreError``.
    func usage() async throws -> MailboxUsage?
}

/// What became of a message that came with its sender's own name for it.
public enum MessageAcceptance: Hashable, Sendable {
    /// It was taken in; so many older items had to go for it.
    case accepted(dropped: Int)
    /// It had been taken in before, and this was the answer.
    case repeated(SentMessage)
}

/// How much a ``MessageStore`` holds.
public struct MailboxUsage: Hashable, Sendable {
    /// Items kept.
    public var items: Int
    /// Their bytes.
    public var bytes: Int

    /// So many items of so many bytes.
    public init(items: Int, bytes: Int) {
        self.items = items
        self.bytes = bytes
    }
}

extension MessageStore {
    /// What is kept for each of `users`, asked for one after the other.
    ///
    /// - Throws: ``StoreError``.
    public func items(for users: [UserID]) async throws -> [UserID: [MailboxItem]] {
        var found: [UserID: [MailboxItem]] = [:]
        for user in users where found[user] == nil {
            let items = try await items(for: user)
            if !items.isEmpty { found[user] = items }
        }
        return found
    }
}
