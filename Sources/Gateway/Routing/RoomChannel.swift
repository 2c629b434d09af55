import GatewayDomain
import SocketIO

/// One room as the router knows it: who wants it, how far its sequence is, what its last values were.
struct RoomChannel {
    /// Names one unbroken subscription of this node to the room.
    let epoch: String
    /// The number of the last event.
    private(set) var seq: UInt64 = 0
    /// Members by event loop.
    var members: [Int32]
    /// The last value, for a chart one for each pair and interval.
    private(set) var lastValues: [(key: String, payload: ClientPayload, seq: UInt64)] = []

    /// The most last values of one room that are kept.
    static let maximumLastValues = 64

    init(epoch: String, loopCount: Int) {
        self.epoch = epoch
        self.members = [Int32](repeating: 0, count: loopCount)
    }

    var hasMembers: Bool { members.contains { $0 > 0 } }

    /// One event's place in the sequence, and who is to get it.
    struct Place {
        let epoch: String
        let seq: UInt64
        let members: [Int32]

        var hasMembers: Bool { members.contains { $0 > 0 } }
    }

    /// Counts one event and keeps it as the last value under `key`, unless that is `nil`.
    mutating func advance(_ payload: ClientPayload, key: String?) -> Place {
        seq += 1
        if let key { remember(payload, key: key) }
        return Place(epoch: epoch, seq: seq, members: members)
    }

    private mutating func remember(_ payload: ClientPayload, key: String) {
        if let index = lastValues.firstIndex(where: { $0.key == key }) {
            lastValues[index] = (key, payload, seq)
        } else if lastValues.count < Self.maximumLastValues {
            lastValues.append((key, payload, seq))
        }
    }

    /// What a new member gets: the last values, marked as snapshots, each with the number it was published under.
    func snapshots(event: String, room: String) -> [OutgoingEvent] {
        lastValues.map { value in
            LatestValue(
                event: event,
                room: room,
                item: value.key,
                payload: value.payload,
                epoch: epoch,
                seq: value.seq,
                isSnapshot: true
            ).outgoing
        }
    }
}
