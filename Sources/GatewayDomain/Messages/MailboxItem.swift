/// Something that is kept for a user until one of the user's devices has it: a direct message or a notification.
public struct MailboxItem: Hashable, Sendable {
    /// What it is; the raw value is the event that carries it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case directMessage = "direct_message"
        case notification
    }

    /// By what the client says that it has it. Unique for its user and kind.
    public let id: String
    /// What it is.
    public let kind: Kind
    /// The members of the event's payload as JSON, without braces.
    public let members: String
    /// When it was taken in, in milliseconds since 1970.
    public let keptAt: Int64
    /// When its publisher said it, in milliseconds since 1970, where that is known: with ``id`` it tells every node which one it is. Not kept.
    public var sentAt: Int64?

    /// Something for a user; `members` is JSON without braces, times are in milliseconds since 1970.
    public init(id: String, kind: Kind, members: String, keptAt: Int64, sentAt: Int64? = nil) {
        self.id = id
        self.kind = kind
        self.members = members
        self.keptAt = keptAt
        self.sentAt = sentAt
    }

    /// What it takes of a bound on bytes.
    public var byteCount: Int { id.utf8.count + members.utf8.count }
}
