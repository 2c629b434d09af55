import EngineIO
import GatewayDomain
import NIOCore
import SocketIO

/// An order book, or what changed in it, as clients of one ``BookView`` get it.
///
/// For a client that cannot keep up, changes it has not got yet are merged by price, so that none is lost.
struct BookUpdate: ConflatableMessage {
    enum Content {
        case book(OrderBook, isSnapshot: Bool)
        case delta(OrderBookDelta, checksum: UInt32?)
        /// A whole book that is none of decimal numbers, as it was published: nothing can be told of it but what it says.
        case published(ClientPayload)
    }

    /// What all updates of a view have in common.
    struct Frame {
        let room: String
        let symbol: String
        let epoch: String
        let hasChecksum: Bool
    }

    let frame: Frame
    var content: Content
    let timestamp: Int64
    /// The first number that it stands for.
    var seqFirst: UInt64
    let seq: UInt64

    /// The event as it goes out.
    var outgoing: OutgoingEvent {
        OutgoingEvent(EventType.orderBookUpdate.rawValue, capacity: byteCount, conflation: self) { write(into: &$0) }
    }

    private func write(into buffer: inout ByteBuffer) {
        if case .published(let payload) = content {
            return payload.write(epoch: frame.epoch, seq: seq, isSnapshot: true, into: &buffer)
        }
        buffer.writeString("{\"symbol\":\"\(frame.symbol)\",")
        var isSnapshot = false
        var isDelta = false
        var checksum: UInt32?
        switch content {
        case .book(let book, let starts):
            let (bids, asks) = (book.topBids(.max), book.topAsks(.max))
            BookText.write(bids: bids, asks: asks, into: &buffer)
            isSnapshot = starts
            if frame.hasChecksum { checksum = book.checksum }
        case .delta(let delta, let check):
            BookText.write(bids: delta.bids, asks: delta.asks, into: &buffer)
            isDelta = true
            checksum = check
        case .published: break
        }
        buffer.writeString(",\"timestamp\":\(timestamp),\"epoch\":\"\(frame.epoch)\"")
        if isDelta || (!isSnapshot && seqFirst != seq) { buffer.writeString(",\"seqFirst\":\(seqFirst)") }
        buffer.writeString(",\"seq\":\(seq)")
        if isSnapshot { buffer.writeString(",\"snapshot\":true") }
        if isDelta { buffer.writeString(",\"delta\":true") }
        if let checksum { buffer.writeString(",\"checksum\":\(checksum)") }
        buffer.writeString("}")
    }

    // MARK: ConflatableMessage

    var key: ConflationKey { ConflationKey(group: frame.room) }

    var byteCount: Int {
        switch content {
        case .book(let book, _): 192 + 28 * book.levelCount
        case .delta(let delta, _): 192 + 28 * delta.levelCount
        case .published(let payload): payload.capacity
        }
    }

    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
        guard let earlier = earlier as? BookUpdate, earlier.frame.epoch == frame.epoch else { return self }
        var merged = self
        switch (earlier.content, content) {
        case (_, .book(_, isSnapshot: true)), (_, .published), (.published, _):
            return self
        case (.book(_, isSnapshot: true), .book(let book, _)):
            merged.content = .book(book, isSnapshot: true)
        case (.book(var book, let isSnapshot), .delta(let delta, _)):
            // Levels were checked when they came in.
            try? book.apply(delta)
            merged.content = .book(book, isSnapshot: isSnapshot)
        case (.delta(let before, _), .delta(let delta, let checksum)):
            merged.content = .delta(before.followed(by: delta), checksum: checksum)
        case (.book, .book), (.delta, .book):
            break
        }
        merged.seqFirst = min(earlier.seqFirst, seqFirst)
        return merged
    }

    func makeFrame() -> OutboundFrame { outgoing.frame }
}
