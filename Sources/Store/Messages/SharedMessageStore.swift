public import GatewayDomain

/// A ``MessageStore`` of several nodes that tells them of what it keeps, in the same step in which it keeps it: so of one user's items all
/// nodes hear in the order of their places.
public protocol SharedMessageStore: MessageStore {
    /// Keeps an item as ``MessageStore/keep(_:for:)`` does, and tells the nodes of it. Of a notification with an id that was kept within the
    /// last two hours nothing is kept and nobody told: each node reads it from the bus for itself.
    ///
    /// - Parameter node: Which node wants to hear whether a device has it.
    /// - Throws: ``StoreError``.
    func keep(_ item: MailboxItem, for user: UserID, telling node: NodeID) async throws -> SharedKeeping

    /// Takes a message in as ``MessageStore/accept(_:for:as:)`` does, and tells the nodes of it.
    ///
    /// - Throws: ``StoreError``.
    func accept(_ item: MailboxItem, for user: UserID, as key: ClientMessageKey, telling node: NodeID) async throws -> SharedAcceptance

    /// Takes the sender's name for a message that is not kept, before it is sent: until ``finish(_:)`` nobody knows whether it was.
    ///
    /// - Throws: ``StoreError``.
    func begin(_ item: MailboxItem, as key: ClientMessageKey) async throws -> MessageBeginning

    /// The message of that name, which is not kept, has been sent.
    ///
    /// - Throws: ``StoreError``.
    func finish(_ key: ClientMessageKey) async throws

    /// What is kept for `user`, oldest first, with its places.
    ///
    /// - Throws: ``StoreError``.
    func keptItems(for user: UserID) async throws -> [KeptItem]
}

/// What became of an item that was kept.
public struct SharedKeeping: Hashable, Sendable {
    /// How many older items had to go for it.
    public var dropped: Int
    /// How many nodes were told of it, which is how many may have devices of the user.
    public var nodesTold: Int
}

/// What became of a message that came with its sender's own name for it.
public enum SharedAcceptance: Hashable, Sendable {
    /// It was taken in, under this id: an earlier one where a failure had left the sender's first attempt unfinished.
    case accepted(SharedKeeping, SentMessage)
    /// It had been taken in before, and this was the answer.
    case repeated(SentMessage)
}

/// What is known of a message that is about to be sent under its sender's own name for it.
public enum MessageBeginning: Hashable, Sendable {
    /// Nothing: it is the first of the name.
    case new
    /// It may have been sent before, under this id.
    case unfinished(SentMessage)
    /// It had been sent before, and this was the answer.
    case finished(SentMessage)
}
