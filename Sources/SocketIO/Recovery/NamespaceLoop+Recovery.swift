import EngineIOCore
import NIOCore
import SocketIOCore

/// How far one loop has delivered the events of its namespace's log.
struct RecoveryDelivery {
    /// All events up to here have gone to their sockets on this loop.
    var position: UInt64 = 0
    /// The sockets of this loop that have private ids, by what these begin with.
    var live = RandomlyNumbered<Socket> { $0.privateID?.prefix ?? 0 }
    var isUnderWay = false
    var hasMore = false
}

extension NamespaceLoop {
    /// The place in the log up to which this loop has delivered.
    var deliveredPosition: UInt64 { delivery.position }

    /// Delivers what has been published to this loop up to `ticket`, or all of it, in the order of the positions, also where a delivery
    /// publishes more.
    func deliverPublished(upTo ticket: UInt64? = nil) {
        eventLoop.assertInEventLoop()
        guard let recovery else { return }
        guard !delivery.isUnderWay else {
            delivery.hasMore = true
            return
        }
        delivery.isUnderWay = true
        var limit = ticket
        repeat {
            delivery.hasMore = false
            let (events, through) = recovery.takeInbox(index, upTo: limit)
            for published in events {
                delivery.position = published.position
                if let socket = published.socket {
                    socket.send(published.event)
                } else {
                    emit(published.event, options: published.options)
                }
            }
            delivery.position = through
            limit = nil
        } while delivery.hasMore
        delivery.isUnderWay = false
    }

    /// The socket that is connected and has this private id; `nil` where there is none here.
    func live(_ id: PrivateID) -> Socket? {
        eventLoop.assertInEventLoop()
        return delivery.live.first(id.prefix) { $0.privateID == id }
    }
}
