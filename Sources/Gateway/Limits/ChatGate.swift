import GatewayDomain

/// Limits how many bytes of chat one user may send over all connections. The number of events says little: what is kept of a message until
/// its readers have it may be a thousand times as long as another.
struct ChatGate: Sendable {
    /// By which the refused are told, and disconnected where they go on.
    let events: EventGate
    let users: UserRateLimiter

    var limits: GatewayLimits { events.limits }

    /// Takes the bytes of a message as it is kept and sent on. Where it returns `false` the client has been told `RATE_LIMITED`, and the
    /// message must neither be kept nor sent. On the sender's loop.
    func admits(_ message: ChatMessage, from sender: UserID, _ call: ClientCall) -> Bool {
        guard limits.areOn else { return true }
        let (session, now) = (call.session, events.uptime())
        let bucket = session.chatBytes ?? users.bucket(of: sender, now: now)
        session.chatBytes = bucket
        guard case .refused(let retryAfter) = bucket.take(message.json.utf8.count, now: now) else { return true }
        // As an event it has been counted among the allowed.
        session.refusals += 1
        events.refuse(call, .chatBytes, "too many bytes of chat; slow down", retryAfter, now)
        return false
    }
}
