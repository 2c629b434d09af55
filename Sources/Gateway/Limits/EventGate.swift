import GatewayDomain
import JSONScan
import SocketIO

/// Limits how fast one client, and one user over all connections, may send events: the client is told at most once a second, and
/// disconnected where it goes on.
struct EventGate: Sendable {
    let limits: GatewayLimits
    let counters: GatewayCounters
    let uptime: @Sendable () -> Duration

    /// Whether the event is handled. On the socket's loop.
    func allows(_ socket: Socket, event: String, ack: Ack?) -> Bool {
        guard limits.areOn, let session = socket.data as? ClientSession else { return true }
        let now = uptime()
        if case .refused(let retryAfter) = session.events.take(rule: limits.clientEvents, now: now) {
            refuse(socket, session, event, ack, .connectionEvents, Self.tooMany, retryAfter, now)
            return false
        }
        if case .refused(let retryAfter)? = session.userEvents?.take(now: now) {
            refuse(socket, session, event, ack, .userEvents, Self.tooMany, retryAfter, now)
            return false
        }
        session.refusals = max(0, session.refusals - 1)
        return true
    }

    private static let tooMany = "too many events; slow down"

    /// Refuses an event that has come to its handler. On the socket's loop.
    func refuse(_ call: ClientCall, _ limit: ClientLimit, _ message: String, _ retryAfter: Duration, _ now: Duration) {
        refuse(call.socket, call.session, call.event, call.ack, limit, message, retryAfter, now)
    }

    private func refuse(
        _ socket: Socket,
        _ session: ClientSession,
        _ event: String,
        _ ack: Ack?,
        _ limit: ClientLimit,
        _ message: String,
        _ retryAfter: Duration,
        _ now: Duration
    ) {
        session.refusals += 1
        counters.count(.rateLimited)
        counters.count(limit)
        let error = GatewayError(.rateLimited, message, retryAfter: retryAfter.roundedUpSeconds)
        ack?.send(json: "{\"ok\":false,\(error.members)}")
        if session.refusals >= limits.refusedEventsBeforeDisconnect {
            counters.countAbuse()
            // The client is to stay away, so it gets a DISCONNECT.
            socket.disconnect()
        } else if ack == nil, session.lastLimitNotice.map({ now - $0 >= .seconds(1) }) ?? true {
            session.lastLimitNotice = now
            socket.emit("error", json: "{\(error.members),\"event\":\(JSONString.literal(event.prefix(64)))}")
        }
    }
}
