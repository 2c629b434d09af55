import GatewayDomain
import SocketIO

/// What happens when a token's time is over: the client is told, has a grace period to renew, then its transport is closed, so that a
/// stock client reconnects with the token that it has by then.
struct TokenExpiry: Sendable {
    let grace: Duration
    let now: @Sendable () -> Int64

    /// Asks for a wake-up at the expiry of the session's token. On the socket's loop.
    func watch(_ socket: Socket, _ session: ClientSession) {
        guard let expiresAt = session.principal.expiresAt else { return }
        socket.setDeadline(after: .milliseconds(max(0, expiresAt - now())))
    }

    /// The wake-up. On the socket's loop.
    func deadlineReached(_ socket: Socket, _ session: ClientSession) {
        if session.hasExpired { return socket.closeTransport() }
        guard let expiresAt = session.principal.expiresAt, now() >= expiresAt else { return watch(socket, session) }
        session.hasExpired = true
        socket.emit("token_expired", json: "{}")
        socket.setDeadline(after: grace)
    }
}
