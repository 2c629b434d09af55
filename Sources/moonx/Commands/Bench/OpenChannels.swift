import NIOCore
import Synchronization

/// The channels of a swarm, to be closed at its end.
final class OpenChannels: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func add(_ channel: any Channel) {
        channels.withLock { $0.append(channel) }
    }

    func forEach(_ body: (any Channel) -> Void) {
        for channel in channels.withLock({ $0 }) { body(channel) }
    }

    func takeAll() -> [any Channel] {
        channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
    }
}
