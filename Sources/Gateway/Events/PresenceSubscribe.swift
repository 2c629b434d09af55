import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// `presence_subscribe {userIds}` → `presence_subscribed {states}`, then `presence_update {userId, status, lastSeen}` on each change.
struct PresenceSubscribe: ClientEvent {
    static let name = "presence_subscribe"
    let presence: any PresenceService
    let limits: GatewayLimits

    func handle(_ call: ClientCall) throws(GatewayError) {
        _ = try call.user()
        let users = try Self.users(in: try call.payload())
        let (socket, session) = (call.socket, call.session)
        let added = Set(users).subtracting(session.watched)
        if limits.areOn, session.watched.count + added.count > limits.watchedUsersPerConnection {
            call.counters.count(.watchedUsers)
            throw GatewayError(.roomLimit, "a connection may watch \(limits.watchedUsersPerConnection) users; unsubscribe from some first")
        }
        presence.watch(users, by: socket, session) { result in
            switch result {
            case .success(let presences):
                let states = zip(users, presences).map { $1.json(of: $0) }.joined(separator: ",")
                call.confirm("presence_subscribed", members: "\"states\":[\(states)]")
            case .failure(let error): call.fail(error)
            }
        }
    }

    /// The users that a payload names, each once, in its order.
    static func users(in payload: JSONObject) throws(GatewayError) -> [UserID] {
        guard let names = payload.strings("userIds"), !names.isEmpty else { throw .invalid("`userIds` must be an array of users' ids") }
        guard names.count <= 1000 else { throw .invalid("`userIds` may have at most 1000 elements") }
        var users: [UserID] = []
        var seen: Set<UserID> = []
        for name in names {
            guard let user = UserID(name) else { throw .invalid("`userIds` holds something that is no user's id") }
            if seen.insert(user).inserted { users.append(user) }
        }
        return users
    }
}
