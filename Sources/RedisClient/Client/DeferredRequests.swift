import NIOCore

/// Commands that Redis has put off and that are sent again in a while, and those that came later for the same place, which must not overtake
/// them. They leave together, in their order; where Redis then puts off one and not the next (`TRYAGAIN`, which is a matter of each command's
/// keys), it is Redis that changes it.
///
/// All of them are counted by ``QueueLimit`` until they end, so there are never more than that allows.
struct DeferredRequests {
    /// What has to stay in order.
    enum Lane: Hashable {
        /// Everything for a server that is no cluster.
        case server
        case slot(HashSlot)
        case node(RedisAddress)
        /// What any node of a cluster may do.
        case anyNode
    }

    /// What has become of a command that is to be sent.
    enum Outcome {
        /// Nothing is put off there: it may be sent.
        case free
        case held
        /// Its time is over before the others are sent.
        case late(RedisError)
    }

    private struct Queue {
        let until: NIODeadline
        let error: RedisError
        /// What was sent and has come back; what is still under way and comes back too goes before all that has never been sent.
        var returned: [RedisRequest] = []
        var held: [RedisRequest] = []
    }

    private var queues: [Lane: Queue] = [:]

    var isEmpty: Bool { queues.isEmpty }

    /// When what is put off there is sent again.
    func time(of lane: Lane) -> NIODeadline? { queues[lane]?.until }

    /// Redis has put it off.
    mutating func putOff(_ request: RedisRequest, in lane: Lane, until: NIODeadline, _ error: RedisError) {
        queues[lane, default: Queue(until: until, error: error)].returned.append(request)
    }

    /// A command is to be sent.
    mutating func hold(_ request: RedisRequest, in lane: Lane) -> Outcome {
        // No copy of the queue, which an append would have to part from.
        guard let (until, error) = queues[lane].map({ ($0.until, $0.error) }) else { return .free }
        guard until < request.deadline else { return .late(error) }
        queues[lane]?.held.append(request)
        return .held
    }

    /// Takes what waits there.
    mutating func release(_ lane: Lane) -> [RedisRequest] {
        guard let queue = queues.removeValue(forKey: lane) else { return [] }
        return queue.returned + queue.held
    }

    /// Takes all there is.
    mutating func removeAll() -> [RedisRequest] {
        queues.keys.flatMap { release($0) }
    }
}
