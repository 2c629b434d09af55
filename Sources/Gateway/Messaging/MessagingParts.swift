import GatewayDomain
import Logging
import NIOCore
import SocketIO
import Store

/// What messages, notifications and presence need, put together.
struct MessagingParts: Sendable {
    let sockets = LocalSockets()
    let lanes = SerialLanes()
    let store: any MessageStore
    let mailboxes: Mailboxes
    let presence: PresenceDirectory

    /// - Parameter eventLoop: Where presence is kept.
    init(_ configuration: GatewayConfiguration, eventLoop: any EventLoop, counters: GatewayCounters, logger: Logger) {
        store = configuration.messages ?? InMemoryMessageStore(bounds: .inMemory, now: WallClock.milliseconds)
        mailboxes = Mailboxes(store: store, sockets: sockets, lanes: lanes, counters: counters, logger: logger)
        presence = PresenceDirectory(
            eventLoop: eventLoop,
            store: configuration.lastSeen ?? InMemoryLastSeenStore(),
            sockets: sockets,
            lanes: lanes,
            counters: counters,
            linger: configuration.presenceLinger,
            now: WallClock.milliseconds,
            logger: logger
        )
    }

    /// Takes a notification from the router on its way to the devices of its user.
    var notify: @Sendable (UserID, _ id: String, ClientPayload) -> Void {
        { [mailboxes] user, id, payload in
            let item = MailboxItem(id: id, kind: .notification, members: payload.text, keptAt: WallClock.milliseconds())
            mailboxes.notify(item, user)
        }
    }

    /// For the end of the process, after the last socket: nothing that was taken in is lost.
    func close() async {
        await lanes.finish()
        await presence.close()
    }
}
