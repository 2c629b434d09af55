/// The limits that a client can meet; the raw value is the label of the metric.
enum ClientLimit: String, Sendable, CaseIterable {
    /// Connections of the node.
    case nodeConnections = "node_connections"
    /// Connections of one user.
    case userConnections = "user_connections"
    /// Connections from one address.
    case addressConnections = "address_connections"
    /// Attempts to connect from one address.
    case handshakes
    /// Events of one connection.
    case connectionEvents = "connection_events"
    /// Events of one user over all connections.
    case userEvents = "user_events"
    /// Bytes of chat of one user over all connections.
    case chatBytes = "chat_bytes"
    /// Rooms of one connection.
    case rooms
    /// Users whose presence one connection watches.
    case watchedUsers = "watched_users"
    /// Bytes of a chat message.
    case chatMessage = "chat_message"
}
