import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// `presence_unsubscribe {userIds}`: no more `presence_update` of these users. Only the ack confirms it.
struct PresenceUnsubscribe: ClientEvent {
    static let name = "presence_unsubscribe"
    let presence: any PresenceService

    func handle(_ call: ClientCall) throws(GatewayError) {
        _ = try call.user()
        let users = try PresenceSubscribe.users(in: try call.payload())
        let (socket, session) = (call.socket, call.session)
        let ended = session.watched.intersection(users)
        session.watched.subtract(ended)
        // Behind a subscription that was asked for before and has not been answered yet.
        socket.whenSessionIsWritten {
            presence.after(socket.id) {
                socket.eventLoop.execute {
                    for user in users where !session.watched.contains(user) {
                        if socket.leave(PresenceRooms.watchers(of: user)) { session.internalRooms -= 1 }
                    }
                    presence.unwatch(ended)
                    call.acknowledge()
                }
            }
        }
    }
}
