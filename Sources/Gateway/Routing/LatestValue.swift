import EngineIO
import NIOCore
import SocketIO

/// An update of a room of which only the newest matters: price, book, candle, portfolio.
///
/// For a client that cannot keep up, updates that it has not got yet become one, which says by `seqFirst` and `seq` for which it stands.
struct LatestValue: ConflatableMessage {
    let event: String
    /// The room's name.
    let room: String
    /// Which of the room's values.
    let item: String
    let payload: ClientPayload
    let epoch: String
    /// The first number that it stands for.
    var seqFirst: UInt64
    /// The number that it was published under.
    let seq: UInt64
    /// Whether it starts a client's view of the value.
    var isSnapshot: Bool

    init(event: String, room: String, item: String, payload: ClientPayload, epoch: String, seq: UInt64, isSnapshot: Bool) {
        self.event = event
        self.room = room
        self.item = item
        self.payload = payload
        self.epoch = epoch
        self.seqFirst = seq
        self.seq = seq
        self.isSnapshot = isSnapshot
    }

    /// The event as everyone gets it who keeps up.
    var outgoing: OutgoingEvent {
        OutgoingEvent(event, capacity: payload.capacity, conflation: self) { write(into: &$0) }
    }

    private func write(into buffer: inout ByteBuffer) {
        payload.write(epoch: epoch, seqFirst: seqFirst, seq: seq, isSnapshot: isSnapshot, into: &buffer)
    }

    // MARK: ConflatableMessage

    var key: ConflationKey { ConflationKey(group: room, item: item) }

    var byteCount: Int { payload.capacity + event.utf8.count }

    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
        // A snapshot needs nothing before it, and what an epoch before this one said is nobody's sequence any more.
        guard !isSnapshot, let earlier = earlier as? LatestValue, earlier.epoch == epoch else { return self }
        var merged = self
        if earlier.isSnapshot {
            merged.isSnapshot = true
        } else {
            merged.seqFirst = min(earlier.seqFirst, seqFirst)
        }
        return merged
    }

    func makeFrame() -> OutboundFrame { outgoing.frame }
}
