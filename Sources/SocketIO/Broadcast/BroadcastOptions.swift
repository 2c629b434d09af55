/// Whom a broadcast reaches.
public struct BroadcastOptions: Hashable, Sendable {
    /// Members of any of these rooms; everyone where empty. A socket's id stands for that socket.
    public var rooms: Set<String>
    /// But not members of any of these.
    public var except: Set<String>
    /// Whether clients that cannot take the event at once go without it.
    public var isVolatile = false
    /// Whether only sockets of this node are meant, where there are several.
    public var isLocal = false

    /// Members of `rooms` who are not members of `except`.
    public init(rooms: Set<String> = [], except: Set<String> = []) {
        self.rooms = rooms
        self.except = except
    }
}
