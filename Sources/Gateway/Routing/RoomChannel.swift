import GatewayDomain
import NIOCore
import SocketIO
import SocketIOCore

/// One room as the router knows it: who wants it, how far its sequence is, what its last values and events were.
///
/// An object, so that an event finds it by one look-up and changes it where it is. Confined to the router's loop.
final class RoomChannel {
    let room: Room
    /// The room's name, by which its members are found on their loops.
    let name: String
    /// Names one unbroken subscription of this node to the room.
    private(set) var epoch: String { didSet { shown = nil } }
    /// The number of the last event.
    private(set) var seq: UInt64 = 0
    /// Members by event loop.
    var members: [Int32]
    /// The way to the members on the router's own loop.
    var ticket: RoomTicket?
    /// The last value, for a chart one for each pair and interval.
    private(set) var lastValues: [(key: String, payload: ClientPayload, seq: UInt64)] = [] { didSet { shown = nil } }
    /// ``snapshots``, as long as they are the same: of a price, which many who follow all prices may come back to at once.
    private var shown: [OutgoingEvent]?
    /// The last events, where the room has members or had some not long ago.
    private(set) var log: EventLog?
    /// Whether the room's source is alive.
    var feed = FeedState()
    /// Whether the router looks at ``feed`` from time to time.
    var isWatched = false
    /// Since when nobody is in the room, as an offset of the router's clock.
    var idleSince: Duration?
    /// Whether the room waits to be forgotten.
    var isRetiring = false
    /// Whether an event of this epoch came by a way on which others may have been lost.
    var isLossy = false
    /// Since when the router follows the room without a break, as an offset of its clock.
    private(set) var madeAt: Duration

    /// The most last values of one room that are kept.
    static let maximumLastValues = 64

    init(_ room: Room, epoch: String, loopCount: Int, madeAt: Duration = .zero) {
        self.room = room
        self.name = room.name
        self.epoch = epoch
        self.madeAt = madeAt
        self.members = [Int32](repeating: 0, count: loopCount)
    }

    var hasMembers: Bool { members.contains { $0 > 0 } }

    /// How many bytes the log holds.
    var loggedBytes: Int { log?.byteCount ?? 0 }

    /// One event's place in the sequence, and what has changed with it.
    struct Place {
        let seq: UInt64
        /// By how many bytes the log has grown.
        let logGrowth: Int
        /// Whether it could not be kept as a last value, because the room has as many as it may.
        let isForgotten: Bool
        /// Whether the room's feed had been stale.
        let feedRevived: Bool
    }

    /// Counts one event and keeps it as the last value under `key`, unless that is `nil`.
    ///
    /// - Parameters:
    ///   - payload: The event.
    ///   - key: Which of the room's values it is.
    ///   - bounds: How much the room's log keeps.
    ///   - now: The router's clock, where the room's feed is watched.
    func advance(
        _ payload: ClientPayload,
        key: String?,
        bounds: EventLog.Bounds = .init(events: 0, bytes: 0),
        now: Duration? = nil
    ) -> Place {
        seq += 1
        let isForgotten = key.map { !remember(payload, key: $0) } ?? false
        let before = loggedBytes
        if log != nil {
            log?.append(
                payload.members.readableBytesUInt8Span,
                key: key ?? "",
                timestamp: payload.timestamp,
                number: seq,
                bounds: bounds
            )
        }
        return Place(
            seq: seq,
            logGrowth: loggedBytes - before,
            isForgotten: isForgotten,
            feedRevived: now.map { feed.eventCame(now: $0) } ?? false
        )
    }

    /// Returns whether there was room for it.
    private func remember(_ payload: ClientPayload, key: String) -> Bool {
        if let index = lastValues.firstIndex(where: { $0.key == key }) {
            lastValues[index] = (key, payload, seq)
        } else if lastValues.count < Self.maximumLastValues {
            lastValues.append((key, payload, seq))
        } else {
            return false
        }
        return true
    }

    /// Ends the epoch: what comes next does not follow on what was before. Last values stay, as the first of the new epoch.
    func beginEpoch(_ name: String, now: Duration) {
        epoch = name
        madeAt = now
        seq = 0
        isLossy = false
        for index in lastValues.indices { lastValues[index].seq = 0 }
        if log != nil { log = EventLog(after: 0) }
    }

    /// Takes in a value that a bus has kept, unless a newer one is known.
    ///
    /// - Returns: Whether it was taken.
    func adopt(_ payload: ClientPayload, key: String) -> Bool {
        takes(payload.timestamp, key: key) && remember(payload, key: key)
    }

    /// Takes in a value that a bus has kept in place of the one that is known, whichever is newer.
    func put(_ payload: ClientPayload, key: String) {
        _ = remember(payload, key: key)
    }

    /// Whether a value of this time that a bus has kept is not older than the one that is known.
    func takes(_ timestamp: Int64, key: String) -> Bool {
        lastValues.first { $0.key == key }.map { $0.payload.timestamp <= timestamp } ?? true
    }

    /// Begins to log, where that is not so already.
    func startLog() { log = log ?? EventLog(after: seq) }
    /// Ends the log and lets go of its events.
    func stopLog() { log = nil }
    /// Lets go of what was logged.
    func clearLog() { log?.removeAll() }

    /// What a new member gets: the last values, marked as snapshots, each with the number it was published under.
    var snapshots: [OutgoingEvent] {
        if let shown { return shown }
        let events = lastValues.map { encode($0.payload, key: $0.key, seq: $0.seq, isSnapshot: true) }
        if room.kind == .price { shown = events }
        return events
    }

    /// What a member that comes back has missed after `point`; `nil` where that cannot be known.
    func missed(after point: ResumePoint) -> [OutgoingEvent]? {
        guard point.epoch == epoch else { return nil }
        if point.seq == seq { return [] }
        return log?.events(after: point.seq)?.map {
            encode(ClientPayload(members: ByteBuffer(bytes: $0.text), timestamp: $0.timestamp), key: $0.key, seq: $0.number)
        }
    }

    /// The next event of the room, made of `envelope`, as its members get it, and what is to be kept of it. To be counted by
    /// ``advance(_:key:bounds:now:)``.
    func encodeNext(_ envelope: Envelope, timestamp: Int64, key: String) -> (event: OutgoingEvent, payload: ClientPayload) {
        let (event, epoch, seq) = (room.eventName ?? "", epoch, seq + 1)
        return ClientPayload.event(event, envelope, timestamp: timestamp, epoch: epoch, seq: seq) { payload in
            guard room.keepsLastValue else { return nil }
            return LatestValue(event: event, room: name, item: key, payload: payload, epoch: epoch, seq: seq, isSnapshot: false)
        }
    }

    /// One event of the room as its members get it.
    func encode(_ payload: ClientPayload, key: String, seq: UInt64, isSnapshot: Bool = false) -> OutgoingEvent {
        let event = room.eventName ?? ""
        guard room.keepsLastValue else {
            return OutgoingEvent(event, capacity: payload.capacity) {
                payload.write(epoch: epoch, seq: seq, isSnapshot: isSnapshot, into: &$0)
            }
        }
        return LatestValue(
            event: event,
            room: name,
            item: key,
            payload: payload,
            epoch: epoch,
            seq: seq,
            isSnapshot: isSnapshot
        ).outgoing
    }
}
