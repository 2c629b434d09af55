/// How much is kept for users until they take it in. Beyond a bound the oldest goes, and is counted.
public struct MailboxBounds: Hashable, Sendable {
    /// Direct messages of one user.
    public var messagesPerUser = 100
    /// Notifications of one user.
    public var notificationsPerUser = 100
    /// Bytes of one user, of both.
    public var bytesPerUser = 4 << 20
    /// How long something is kept.
    public var lifetime: Duration = .seconds(7 * 86_400)
    /// What is kept for all users.
    public var items = 1_000_000
    /// Bytes kept for all users.
    public var bytes = 1 << 30
    /// How long a `clientMessageId` is remembered.
    public var repeatWindow: Duration = .seconds(86_400)
    /// How many `clientMessageId` of one sender are remembered; beyond, the oldest is forgotten.
    public var rememberedPerSender = 10_000
    /// How many `clientMessageId` of all senders are remembered.
    public var remembered = 1_000_000

    /// The defaults.
    public init() {}

    /// What a process may keep in its own memory.
    public static var inMemory: MailboxBounds {
        var bounds = MailboxBounds()
        bounds.items = 100_000
        bounds.bytes = 64 << 20
        bounds.remembered = 200_000
        return bounds
    }

    /// How many items of a kind one user may have.
    public func itemsPerUser(_ kind: MailboxItem.Kind) -> Int {
        switch kind {
        case .directMessage: messagesPerUser
        case .notification: notificationsPerUser
        }
    }
}
