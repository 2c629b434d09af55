import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// `presence_unsubscribe {userIds}`: no more `presence_update` of these users. Only the ack confirms it.
struct PresenceUnsubscribe: ClientEvent {
    static let name = "presence_unsubscribe"
    let presence: PresenceDirectory

    func handle(_ call: ClientCall) throws(GatewayError) {
        _ = try call.user()
        let users = try PresenceSubscribe.users(in: try call.payload())
        let (socket, session) = (call.socket, call.session)
        session.watched.subtract(users)
        // Behind a subscription that was asked for before and has not been answered yet.
        presence.after(socket.id) {
            socket.eventLoop.execute {
                for user in users where !session.watched.contains(user) {
                    if socket.leave(PresenceDirectory.watchers(of: user)) { session.internalRooms -= 1 }
                }
                call.acknowledge()
            }
        }
    }
}
