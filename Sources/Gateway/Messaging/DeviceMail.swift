import GatewayDomain
import NIOCore
import SocketIO

/// The mail of one device: what was kept goes out in pieces that its connection takes, what comes meanwhile waits behind it. Confined to
/// the socket's event loop.
struct DeviceMail {
    /// What the device has not shown to have; `nil` where it says so itself.
    var receipts: ReceiptTracker?
    /// `nil` where nothing waits, which is nearly always: an idle connection should cost little.
    private var waiting: CircularBuffer<(item: MailboxItem, isOffline: Bool)>?
    /// The most that waits for a slow connection; what is beyond comes at the next connection.
    private let capacity: Int
    /// The place of the last item that the device was given: what comes again by another way is known by it.
    private var lastPlace = Int64.min

    /// So many bytes are sent at once, far less than the bound of the connection's queue.
    private static let pieceBytes = 64 << 10
    private static let pause = TimeAmount.milliseconds(20)

    /// - Parameters:
    ///   - hasExplicitReceipts: Whether the device itself says what it has.
    ///   - capacity: How many items wait for the connection, and how many ids for an answer.
    init(hasExplicitReceipts: Bool, capacity: Int = 1000) {
        receipts = hasExplicitReceipts ? nil : ReceiptTracker(capacity: capacity)
        self.capacity = capacity
    }

    /// Sends what was kept.
    mutating func begin(_ kept: [KeptItem], to socket: Socket) {
        guard let last = kept.last else { return }
        lastPlace = last.place ?? lastPlace
        waiting = CircularBuffer(kept.prefix(capacity).map { (item: $0.item, isOffline: true) })
        pump(to: socket)
    }

    /// Sends an item that has just come, unless the device was given it before. Returns whether it went out at once.
    mutating func deliver(_ kept: KeptItem, _ event: OutgoingEvent, to socket: Socket) -> Bool {
        guard socket.connected else { return false }
        if let place = kept.place {
            guard place > lastPlace else { return false }
            lastPlace = place
        }
        let item = kept.item
        if let count = waiting?.count {
            if count < capacity { waiting?.append((item, false)) }
            return false
        }
        socket.emit(event)
        receipts?.messageSent(item.id)
        return true
    }

    private mutating func pump(to socket: Socket) {
        guard socket.connected else { return waiting = nil }
        var bytes = 0
        while socket.isWritable, bytes < Self.pieceBytes, let (item, isOffline) = waiting?.popFirst() {
            socket.emit(item.event(isOffline: isOffline))
            receipts?.messageSent(item.id)
            bytes += item.byteCount
        }
        if waiting?.isEmpty == true { waiting = nil }
        guard waiting != nil else { return }
        socket.eventLoop.scheduleTask(in: Self.pause) {
            guard let session = socket.data as? ClientSession else { return }
            session.mail.pump(to: socket)
        }
    }
}

extension MailboxItem {
    /// The event that carries the item; `isOffline` where it was kept for a device that was not there.
    func event(isOffline: Bool) -> OutgoingEvent {
        // The mailbox keeps it for clients that are away; connection state recovery would bring it a second time.
        OutgoingEvent(kind.rawValue, json: isOffline ? "{\(members),\"offline\":true}" : "{\(members)}").notKept
    }
}
