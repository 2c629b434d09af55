import NIOCore
import SocketIO
import Synchronization

/// The sockets of this node, for what goes to a few of them by name: messages, presence. May be used from anywhere.
final class LocalSockets: Sendable {
    private let loops = Mutex<[NamespaceLoop]>([])

    /// Gives it the sockets. Once, before the first client.
    func attach(_ loops: [NamespaceLoop]) { self.loops.withLock { $0 = loops } }

    /// Sends an event to the members of a room but one. Returns before it is out; of two calls from one thread the first comes first.
    func emit(_ event: OutgoingEvent, to room: String, except socketID: String? = nil) {
        for loop in loops.withLock({ $0 }) {
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
        for loop in loops.withLock({ $0 }) {
            count += (try? await loop.eventLoop.submit { loop.sockets(BroadcastOptions(rooms: [room])).count(where: body) }.get()) ?? 0
        }
        return count
    }
}
