import Synchronization

/// How many commands wait for their answers, and how many may.
final class QueueLimit: Sendable {
    let count = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let maximumCount: Int
    private let maximumBytes: Int

    init(_ configuration: RedisConfiguration) {
        self.maximumCount = configuration.maximumQueuedCommands
        self.maximumBytes = configuration.maximumQueuedBytes
    }

    /// Takes room for a command; `false` where there is none.
    func take(_ size: Int) -> Bool {
        let count = count.add(1, ordering: .relaxed).newValue
        let bytes = bytes.add(size, ordering: .relaxed).newValue
        guard count <= maximumCount, bytes <= maximumBytes else {
            give(size)
            return false
        }
        return true
    }

    /// Takes room, whether there is any or not: for what the client itself has to ask.
    func reserve(_ size: Int) {
        count.add(1, ordering: .relaxed)
        bytes.add(size, ordering: .relaxed)
    }

    /// Gives the room back.
    func give(_ size: Int) {
        count.subtract(1, ordering: .relaxed)
        bytes.subtract(size, ordering: .relaxed)
    }

    var error: RedisError {
        RedisError(
            .overloaded,
            "\(maximumCount) commands or \(maximumBytes) bytes wait for Redis already: it is slow or away; try again later, or send less"
        )
    }
}
