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
    /// An event on its way to the sockets of one loop.
    struct Published: Sendable {
        /// Its number among all that go this way, logged or not.
        let ticket: UInt64
        /// The log's position with it.
        let position: UInt64
        /// Whether that position is its own.
        let isLogged: Bool
        let event: OutgoingEvent
        let options: BroadcastOptions
        /// Where the event is for one socket only.
        let socket: Socket?
    }

    private struct State {
        var log: RecoveryLog<OutgoingEvent>
        /// `nil` where no events come from sources that other servers read.
        var index: SourceIndex?
        var inboxes: [CircularBuffer<Published>]
        var ticket: UInt64 = 0
        var statistics = RecoveryStatistics()
    }

    let configuration: RecoveryConfiguration
    let bounds: RecoveryBounds
    let store: any SessionStore
    let epoch: String
    let now: @Sendable () -> MonotonicInstant
    private let unnoticed: Duration
    private let state: Mutex<State>

    init(_ configuration: RecoveryConfiguration, environment: RecoveryEnvironment, loopCount: Int) {
        var generator = environment.random
        self.configuration = configuration
        self.bounds = environment.bounds
        self.store = environment.store
        self.now = environment.now
        self.unnoticed = environment.unnoticed
        self.epoch = RecoveryOffset.makeEpoch(using: &generator)
        let retention = configuration.window + environment.unnoticed
        let log = RecoveryLog<OutgoingEvent>(
            retention: retention,
            maximumBytes: bounds.log,
            maximumRoomBytes: bounds.room,
            maximumWrittenBytes: bounds.written,
            isWritten: configuration.isWrittenByClients
        )
        let index = configuration.sources > 0 ? SourceIndex(count: configuration.sources, retention: retention) : nil
        self.state = Mutex(State(log: log, index: index, inboxes: Array(repeating: [], count: loopCount)))
    }

    // MARK: Publishing

    /// Hands a broadcast to all loops, at once on the one it is called on, in a task on the others, and logs it if it is to be kept. Events
    /// that are not kept go the same way, so that they keep their order among those that are.
    func publish(_ event: OutgoingEvent, _ options: BroadcastOptions, on loops: [NamespaceLoop]) {
        let now = self.now()
        let ticket = state.withLock { state in
            let audience = event.isRecoverable && !options.isVolatile ? RecoveryAudience(rooms: options.rooms, except: options.except) : nil
            let published = ticketed(event, audience, options, nil, now, &state)
            for index in state.inboxes.indices { state.inboxes[index].append(published) }
            return published.ticket
        }
        for loop in loops {
            if loop.eventLoop.inEventLoop {
                loop.deliverPublished()
            } else {
                // No further than to this event: what the caller sends otherwise after it comes after it.
                loop.eventLoop.execute { loop.deliverPublished(upTo: ticket) }
            }
        }
    }

    /// Logs an event for one socket and delivers it. On the socket's loop.
    func publish(_ event: OutgoingEvent, to socket: Socket) {
        let now = self.now()
        state.withLock { state in
            let published = ticketed(event, RecoveryAudience(socketID: socket.id), BroadcastOptions(), socket, now, &state)
            state.inboxes[socket.loopIndex].append(published)
        }
        socket.loop.deliverPublished()
    }

    private func ticketed(
        _ event: OutgoingEvent,
        _ audience: RecoveryAudience?,
        _ options: BroadcastOptions,
        _ socket: Socket?,
        _ now: MonotonicInstant,
        _ state: inout State
    ) -> Published {
        state.ticket += 1
        guard let audience else {
            return Published(
                ticket: state.ticket,
                position: state.log.position,
                isLogged: false,
                event: event,
                options: options,
                socket: socket
            )
        }
        let source = state.index == nil ? nil : event.source
        if let source { state.index?.append(source, at: state.log.position + 1, now: now) }
        let sources = state.index?.current
        let stamped = state.log.append(for: audience, from: source, now: now) { position in
            let stamped = event.stamped(RecoveryOffset(epoch: epoch, position: position, sources: sources).text)
            return (stamped, stamped.byteCount)
        }
        return Published(
            ticket: state.ticket,
            position: state.log.position,
            isLogged: true,
            event: stamped,
            options: options,
            socket: socket
        )
    }

    /// Takes what waits in the inbox of a loop, up to `ticket` or all of it. All that is logged up to `through` has then been taken.
    func takeInbox(_ index: Int, upTo ticket: UInt64?) -> (events: [Published], through: UInt64) {
        state.withLock { state in
            var events: [Published] = []
            while let first = state.inboxes[index].first, ticket.map({ first.ticket <= $0 }) ?? true {
                events.append(state.inboxes[index].removeFirst())
            }
            // Whatever is logged before the first that remains was taken, or is for sockets of other loops: one of those may be here by now.
            guard let first = state.inboxes[index].first else { return (events, state.log.position) }
            return (events, first.isLogged ? first.position - 1 : first.position)
        }
    }

    // MARK: Sessions

    /// When a client that goes now had received all that was sent until then: its connection may have been dead for a while.
    var receivedUntil: MonotonicInstant { now() + (.zero - unnoticed) }

    func save(_ session: SavedSession) {
        store.save(session, for: configuration.window)
        state.withLock { $0.statistics.saved += 1 }
    }

    /// What `reader` has not seen of the events up to `last`; fails where part of it is gone, or it is more than `maximumBytes`.
    func missed(
        by reader: RecoveryReader,
        after position: UInt64,
        upTo last: UInt64,
        maximumBytes: Int
    ) -> Result<[OutgoingEvent], RecoveryRefusal> {
        let now = self.now()
        let found = state.withLock { state in
            state.log.removeExpired(now: now)
            return Result { () throws(RecoveryLogError) in
                let entries = try state.log.missed(by: reader, after: position, upTo: last, maximumBytes: maximumBytes)
                guard let seen = reader.shared?.connectedAt, let index = state.index else { return entries.map { ($0.packet, nil) } }
                // In the order of this log the client has seen some of what comes later: only the sources say where it is, until it has all.
                return entries.map { ($0.packet, seen.merged(with: index.positions(at: $0.position))) }
            } as Result<[(event: OutgoingEvent, place: SourcePositions?)], RecoveryLogError>
        }
        switch found {
        // Written anew outside the lock, for which publishers wait.
        case .success(let events):
            return .success(events.map { event, place in place.map { event.restamped(RecoveryOffset(sources: $0).text) } ?? event })
        case .failure(.gone): return .failure(RecoveryRefusal(.eventsGone))
        case .failure(.tooMuch): return .failure(RecoveryRefusal(.tooMuchMissed))
        }
    }

    // MARK: Sources

    /// This server has read a source up to there, whatever came of the entries.
    func read(_ place: SourcePlace) {
        let now = self.now()
        state.withLock { $0.index?.append(place, at: $0.log.position, now: now) }
    }

    /// Entries of a source could not be read.
    func breakOff(source: Int) { state.withLock { $0.index?.breakOff(source) } }

    /// How far the sources have been read; `nil` where there are none.
    var sources: SourcePositions? { state.withLock { $0.index?.current } }

    /// A position of the log before which nothing is new to who has read as far as `seen`; `nil` where something that is has been lost.
    func start(after seen: SourcePositions) -> UInt64? {
        let now = self.now()
        return state.withLock { $0.index?.start(after: seen, last: $0.log.position, now: now) }
    }

    /// The places of `reader` as other servers understand them; `nil` where there are no sources.
    ///
    /// - Parameter carried: Those that the session had when it came from another server, where the reader's own position stands for them.
    func shared(_ reader: RecoveryReader, carried: SharedPlaces?) -> SharedPlaces? {
        state.withLock { state in
            guard let index = state.index else { return nil }
            var known: [UInt64: SourcePositions] = [:]
            func positions(at position: UInt64) -> SourcePositions {
                if let positions = known[position] { return positions }
                let positions = index.positions(at: position)
                known[position] = positions
                return positions
            }
            var shared = SharedPlaces(connectedAt: carried?.connectedAt ?? positions(at: reader.connectedAt), rooms: [:])
            for (room, position) in reader.rooms {
                // A room that was left and joined anew has a later position.
                let place = position == reader.connectedAt ? carried?.rooms[room] : nil
                shared.rooms[room] = place ?? positions(at: position)
            }
            return shared
        }
    }

    /// The number of the last event that went this way.
    var lastTicket: UInt64 { state.withLock { $0.ticket } }

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
