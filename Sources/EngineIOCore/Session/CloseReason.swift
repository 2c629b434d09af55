/// Why an Engine.IO session ended; the raw values are the texts of the reference server, which applications match on.
public enum CloseReason: String, Hashable, Sendable, CaseIterable {
    /// The client went away: connection closed, or a `close` packet.
    case transportClose = "transport close"
    /// The connection broke, or broke the rules of its transport.
    case transportError = "transport error"
    /// No answer to a ping within the ping time-out.
    case pingTimeout = "ping timeout"
    /// Bytes that are no packet.
    case parseError = "parse error"
    /// The application closed the connection.
    case forcedClose = "forced close"
    /// The server is shutting down.
    case serverShuttingDown = "server shutting down"
    /// More than the bound of the outbound queue waited to be sent. Not of the reference server, which has no bound.
    case slowConsumer = "slow consumer"
}
