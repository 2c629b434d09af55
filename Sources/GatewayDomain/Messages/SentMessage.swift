/// What a sender was told about one message, so that a repeat can be told the same.
public struct SentMessage: Hashable, Sendable {
    /// The message's id.
    public let messageID: String
    /// When it was taken in, in milliseconds since 1970.
    public let timestamp: Int64
    /// Whether it was written to a device at once.
    public var delivered: Bool

    /// What was answered.
    public init(messageID: String, timestamp: Int64, delivered: Bool) {
        self.messageID = messageID
        self.timestamp = timestamp
        self.delivered = delivered
    }
}

/// A sender's own name for a message: who sends it again under the same name gets the first's answer.
public struct ClientMessageKey: Hashable, Sendable {
    /// Who sends.
    public let sender: UserID
    /// `clientMessageId`.
    public let id: String

    /// Returns `nil` where the id is not 1 to 128 bytes long.
    public init?(sender: UserID, id: String) {
        guard (1...128).contains(id.utf8.count) else { return nil }
        self.sender = sender
        self.id = id
    }
}
