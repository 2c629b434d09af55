public import NIOCore

/// What was published on a channel.
public struct RedisMessage: Hashable, Sendable {
    /// The channel it was published on.
    public let channel: String
    /// The pattern of the subscription, where it was one.
    public let pattern: String?
    /// What was published. It shares the memory of what was read with it: copy what is kept for long.
    public let payload: ByteBuffer

    /// A message.
    public init(channel: String, pattern: String? = nil, payload: ByteBuffer) {
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }
}
