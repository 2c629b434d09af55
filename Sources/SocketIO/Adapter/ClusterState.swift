import EngineIOCore
import NIOCore
import SocketIOCore

/// What a ``ClusterAdapter`` keeps under its lock.
struct ClusterState: Sendable {
    /// One answer of another server or of a client.
    enum Answer: Sendable {
        case socket(SocketDescription)
        case value(ByteBuffer)
        case arguments(EventArguments)
    }

    typealias Waiter = @Sendable (_ answers: [Answer], _ missing: Int) -> Void
    typealias Requests = ClusterRequests<Answer, Waiter>

    var members: ClusterMembers
    var requests: Requests
    /// Rooms with members, where the driver wants to know: on how many loops.
    var rooms: [String: Int] = [:]
    var isClosed = false
    var lastSent: MonotonicInstant
    /// The next look at the clock.
    var timer: Scheduled<Void>?

    init(_ configuration: ClusterConfiguration, now: MonotonicInstant) {
        members = ClusterMembers(timeout: configuration.heartbeatTimeout)
        requests = ClusterRequests(maximumCount: configuration.maxRequests)
        lastSent = now
    }
}

extension ClusterState.Requests.Finished {
    /// Wakes who waits; outside the lock.
    func resume() { waiter(answers, missing) }
}

extension BroadcastOptions {
    init(_ options: ClusterOptions) {
        self.init(rooms: Set(options.rooms), except: Set(options.except))
        isVolatile = options.isVolatile
    }

    /// The options as other servers read them, in a fixed order.
    var forCluster: ClusterOptions {
        var options = ClusterOptions(rooms: rooms.sorted(), except: except.sorted())
        options.isVolatile = isVolatile
        return options
    }
}
