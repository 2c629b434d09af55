import EngineIOCore
import GatewayDomain

/// Which of the notifications that stand in their stream when a node begins are to be taken in: those that no node may have kept. A value.
///
/// What had been told is told by the mailboxes of the users. By the ids here it is seen what publishers said twice, of which the second
/// counts for nothing: by the times they came at, for the node reads in a moment what came in an hour.
struct MissedNotifications {
    /// From here on the stream is to be read.
    let start: StreamPosition.ID
    /// From here on notifications are taken in. Of those before only the ids count.
    let begin: StreamPosition.ID
    private let now: Int64
    private var repeats: DuplicateFilter

    /// So much of what nodes say that they have read is read again: what one could not keep before it ended, and where another Redis gives
    /// ids that are somewhat lower.
    static let overlap = Duration.seconds(300)

    /// - Parameters:
    ///   - lastRead: How far nodes had read and kept; `nil` where that is not known.
    ///   - end: The end of the stream.
    ///   - age: How far to go back at most.
    ///   - window: How long a repeated id is recognised.
    ///   - capacity: How many ids are remembered.
    ///   - now: Milliseconds since 1970.
    init(lastRead: StreamPosition.ID?, end: StreamPosition.ID, age: Duration, window: Duration, capacity: Int, now: Int64) {
        self.now = now
        let oldest = StreamPosition.ID(milliseconds: UInt64(max(0, now)), number: .max).less(age)
        // A stream that ends before what was read is another one.
        if let lastRead, lastRead <= end {
            begin = max(oldest, lastRead.less(Self.overlap))
        } else {
            begin = oldest
        }
        start = begin.less(window)
        repeats = DuplicateFilter(window: window, capacity: capacity)
    }

    /// The time at which an entry came, in milliseconds since 1970, where its notification is to be taken in; `nil` where not. For all from
    /// ``start`` on, in their order.
    mutating func take(_ envelope: Envelope, at id: StreamPosition.ID) -> Int64? {
        guard envelope.type == .notification else { return nil }
        let time = min(Int64(clamping: id.milliseconds), now)
        let isNew = envelope.duplicateKey(for: envelope.userID).map {
            repeats.isNew($0, now: MonotonicInstant(nanoseconds: time * 1_000_000))
        }
        return isNew != false && id >= begin ? time : nil
    }
}

extension StreamPosition.ID {
    /// The first of so much earlier.
    fileprivate func less(_ duration: Duration) -> Self {
        Self(milliseconds: milliseconds - min(milliseconds, UInt64(max(0, duration.inMilliseconds))), number: 0)
    }
}
