import GatewayDomain
import Logging
import NIOCore
import SocketIO
import Store

/// What messages, notifications and presence need, put together.
struct MessagingParts: Sendable {
    let sockets: LocalSockets
    let lanes: SerialLanes
    let store: any MessageStore
    let mailboxes: Mailboxes
    let presence: any PresenceService
    /// What is shared with other nodes; `nil` on a node that works alone.
    let cluster: ClusterParts?

    /// - Parameter eventLoop: Where presence is kept.
    init(
        _ configuration: GatewayConfiguration,
        eventLoop: any EventLoop,
        counters: GatewayCounters,
        uptime: @escaping @Sendable () -> Duration,
        logger: Logger
    ) {
        let (sockets, lanes) = (LocalSockets(), SerialLanes())
        let cluster = configuration.redis.map { client in
            ClusterParts(
                client: client,
                configuration: configuration,
                eventLoop: eventLoop,
                sockets: sockets,
                lanes: lanes,
                counters: counters,
                uptime: uptime,
                logger: logger
            )
        }
        let store =
            cluster?.store ?? configuration.messages ?? InMemoryMessageStore(bounds: .inMemory, now: WallClock.milliseconds)
        self.sockets = sockets
        self.lanes = lanes
        self.store = store
        self.cluster = cluster
        mailboxes = Mailboxes(
            store: store,
            exchange: cluster?.exchange ?? LocalMailExchange(store: store, sockets: sockets, counters: counters),
            lanes: lanes,
            counters: counters,
            logger: logger
        )
        presence =
            cluster?.presence
            ?? PresenceDirectory(
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
    var notify: @Sendable (UserID, MailboxItem) -> Void {
        { [mailboxes] user, item in mailboxes.notify(item, user) }
    }

    /// For the end of the process, after the last socket: nothing that was taken in is lost.
    func close() async {
        await lanes.finish()
        await presence.close()
        await cluster?.stop()
    }
}
