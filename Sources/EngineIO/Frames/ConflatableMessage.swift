/// What a message is the value of. Of messages with the same key only the newest matters to a client that cannot keep up.
public struct ConflationKey: Hashable, Sendable {
    /// The room, or whatever else is forgotten as a whole by ``EngineConnection/forget(group:)``.
    public let group: String
    /// Which of the group's values.
    public let item: String

    /// The key of `item` within `group`.
    public init(group: String, item: String = "") {
        self.group = group
        self.item = item
    }
}

/// A latest value: while a connection's kernel buffer is full, a newer message with the same ``key`` takes the place of the older one.
///
/// Asked only for connections that wait; a connection that keeps up gets the frame that all others get.
public protocol ConflatableMessage: Sendable {
    /// What it is the value of.
    var key: ConflationKey { get }
    /// About how many bytes its frame has.
    var byteCount: Int { get }
    /// The message that stands for `earlier`, which the client has not got, and for this one.
    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage
    /// The message as it goes out. Asked once for each waiting connection that takes it, where something was replaced.
    func makeFrame() -> OutboundFrame
}
