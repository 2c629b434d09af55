import NIOCore
import SocketIO
import Synchronization

/// The sockets of this node, for what goes to a few of them by name: messages, presence. May be used from anywhere.
final class LocalSockets: Sendable {
    private struct Attached {
        var loops: [NamespaceLoop] = []
        /// The way of events that are kept for clients that are away; `nil` where nothing is.
        var keeping: BroadcastOperator?
    }

    private let attached = Mutex(Attached())

    /// Gives it the sockets, on each loop, and all together where events are kept for clients that are away. Once, before the first client.
    func attach(_ loops: [NamespaceLoop], keeping all: BroadcastOperator?) {
        attached.withLock { $0 = Attached(loops: loops, keeping: all) }
    }

    /// Sends an event to the members of a room but one, and keeps it for those who are away unless it is ``OutgoingEvent/notKept``. Returns
    /// before it is out; of two calls from one thread the first comes first.
    func emit(_ event: OutgoingEvent, to room: String, except socketID: String? = nil) {
        let attached = attached.withLock { $0 }
        if event.isRecoverable, let all = attached.keeping {
            let audience = all.to(room)
            return (socketID.map { audience.except($0) } ?? audience).emit(event)
        }
        for loop in attached.loops {
            if loop.eventLoop.inEventLoop {
                Self.emit(event, to: room, except: socketID, on: loop)
            } else {
                loop.eventLoop.execute { Self.emit(event, to: room, except: socketID, on: loop) }
            }
        }
    }

    private static func emit(_ event: OutgoingEvent, to room: String, except socketID: String?, on loop: NamespaceLoop) {
        guard let socketID else { return loop.emit(event, to: room) }
        loop.emit(event, options: BroadcastOptions(rooms: [room], except: [socketID]))
    }

    /// Calls `body` with the members of a room, each on its loop, and counts those for which it returns `true`.
    func count(in room: String, where body: @escaping @Sendable (Socket) -> Bool) async -> Int {
        var count = 0
        for loop in attached.withLock({ $0.loops }) {
            count += (try? await loop.eventLoop.submit { loop.sockets(BroadcastOptions(rooms: [room])).count(where: body) }.get()) ?? 0
        }
        return count
    }
}
