import EngineIOCore
import NIOCore
import SocketIOCore
import Synchronization

/// The log of one namespace's recoverable events, and their way to its event loops.
///
/// A client keeps one offset, so on every loop events must come in the order of their positions. Therefore position, log entry and the
/// places in the loops' inboxes are given under one lock, once for each event however many get it; each loop empties its inbox in order.
/// Without recovery there is no such object, and events go to the loops directly.
final class NamespaceRecovery: Sendable {
    /// An event with its offset, on its way to the sockets of one loop.
    struct Published: Sendable {
        let position: UInt64
        let event: OutgoingEvent
        let options: BroadcastOptions
        /// Where the event is for one socket only.
        let socket: Socket?
    }

    private struct Inbox {
        var events: [Published] = []
        var isWoken = false
    }

    private struct State {
        var log: RecoveryLog<OutgoingEvent>
        var inboxes: [Inbox]
        var statistics = RecoveryStatistics()
    }

    let configuration: RecoveryConfiguration
    let store: any SessionStore
    let epoch: String
    private let now: @Sendable () -> MonotonicInstant
    private let state: Mutex<State>

    init(_ configuration: RecoveryConfiguration, environment: RecoveryEnvironment, loopCount: Int) {
        var generator = environment.random
        self.configuration = configuration
        self.store = environment.store
        self.now = environment.now
        self.epoch = RecoveryOffset.makeEpoch(using: &generator)
        let log = RecoveryLog<OutgoingEvent>(
            retention: configuration.window + environment.unnoticed,
            maximumBytes: configuration.maxLogBytes,
            maximumRoomBytes: configuration.maxRoomLogBytes
        )
        self.state = Mutex(State(log: log, inboxes: Array(repeating: Inbox(), count: loopCount)))
    }

    // MARK: Publishing

    /// Logs a broadcast and hands it to all loops: at once on the one it is called on, in a task on the others.
    func publish(_ event: OutgoingEvent, _ options: BroadcastOptions, on loops: [NamespaceLoop]) {
        let now = self.now()
        let asleep = state.withLock { state in
            let published = log(event, RecoveryAudience(rooms: options.rooms, except: options.except), options, nil, now, &state)
            var asleep: [Int] = []
            for index in state.inboxes.indices {
                state.inboxes[index].events.append(published)
                if !state.inboxes[index].isWoken {
                    state.inboxes[index].isWoken = true
                    asleep.append(index)
                }
            }
            return asleep
        }
        for index in asleep where !loops[index].eventLoop.inEventLoop {
            loops[index].eventLoop.execute { loops[index].deliverPublished() }
        }
        loops.first { $0.eventLoop.inEventLoop }?.deliverPublished()
    }

    /// Logs an event for one socket and delivers it. On the socket's loop.
    func publish(_ event: OutgoingEvent, to socket: Socket) {
        let now = self.now()
        state.withLock { state in
            let published = log(event, RecoveryAudience(socketID: socket.id), BroadcastOptions(), socket, now, &state)
            state.inboxes[socket.loopIndex].events.append(published)
        }
        socket.loop.deliverPublished()
    }

    private func log(
        _ event: OutgoingEvent,
        _ audience: RecoveryAudience,
        _ options: BroadcastOptions,
        _ socket: Socket?,
        _ now: MonotonicInstant,
        _ state: inout State
    ) -> Published {
        let stamped = state.log.append(for: audience, now: now) { position in
            let stamped = event.stamped(RecoveryOffset(epoch: epoch, position: position).text)
            return (stamped, stamped.byteCount)
        }
        return Published(position: state.log.position, event: stamped, options: options, socket: socket)
    }

    /// Empties the inbox of a loop. What is logged later than `through` is not in it.
    func takeInbox(_ index: Int) -> (events: [Published], through: UInt64) {
        state.withLock { state in
            state.inboxes[index].isWoken = false
            defer { state.inboxes[index].events.removeAll() }
            return (state.inboxes[index].events, state.log.position)
        }
    }

    // MARK: Sessions

    func save(_ session: SavedSession) {
        store.save(session, for: configuration.window)
        state.withLock { $0.statistics.saved += 1 }
    }

    /// What `reader` has not seen of the events up to `last`; fails where part of it is gone.
    func missed(
        by reader: RecoveryReader,
        after position: UInt64,
        upTo last: UInt64,
        maximumBytes: Int
    ) -> Result<[OutgoingEvent], RecoveryRefusal> {
        let now = self.now()
        let entries = state.withLock { state in
            state.log.removeExpired(now: now)
            return state.log.missed(by: reader, after: position, upTo: last)
        }
        guard let entries else { return .failure(RecoveryRefusal(.eventsGone)) }
        let events = entries.map(\.packet)
        guard events.reduce(0, { $0 + $1.byteCount }) <= min(configuration.maxReplayBytes, maximumBytes) else {
            return .failure(RecoveryRefusal(.tooMuchMissed))
        }
        return .success(events)
    }

    /// The position of the last event logged.
    var position: UInt64 { state.withLock { $0.log.position } }

    func count(_ change: (inout RecoveryStatistics) -> Void) {
        state.withLock { change(&$0.statistics) }
    }

    var statistics: RecoveryStatistics {
        let sessions = store.sessionCounts
        return state.withLock { state in
            var statistics = state.statistics
            statistics.loggedEvents = state.log.count
            statistics.loggedBytes = state.log.byteCount
            statistics.evictedEvents = state.log.evictions
            statistics.keptSessions = sessions.kept
            statistics.evictedSessions = sessions.evicted
            return statistics
        }
    }
}

/// A client is not given the session that it asks for.
struct RecoveryRefusal: Error {
    let reason: RecoveryStatistics.Refusal

    init(_ reason: RecoveryStatistics.Refusal) {
        self.reason = reason
    }
}
