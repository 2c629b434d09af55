/// Why a client's connection ended; the raw values are the texts of the JavaScript client.
public enum SocketIOCloseReason: String, Hashable, Sendable, CaseIterable {
    /// The server sent DISCONNECT: do not come back.
    case serverDisconnect = "io server disconnect"
    /// ``SocketIOClient/disconnect()`` or ``SocketIOClient/abort()`` was called.
    case clientDisconnect = "io client disconnect"
    /// No ping of the server within ping interval and ping time-out.
    case pingTimeout = "ping timeout"
    /// The server closed the transport: reconnecting is all right.
    case transportClose = "transport close"
    /// The transport broke.
    case transportError = "transport error"
    /// The server sent something that is no packet.
    case parseError = "parse error"
}
