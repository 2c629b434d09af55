import GatewayDomain
import NIOCore
import SocketIO

/// The mail of one device: what was kept goes out in pieces that its connection takes, what comes meanwhile waits behind it. Confined to
/// the socket's event loop.
struct DeviceMail {
    /// What few devices have at any moment. Confined to the socket's event loop.
    private final class Parts {
        /// What the device has not shown to have.
        var receipts: ReceiptTracker
        /// `nil` where nothing waits.
        var waiting: CircularBuffer<(item: MailboxItem, isOffline: Bool)>?

        init() {
            receipts = ReceiptTracker(capacity: DeviceMail.capacity)
        }
    }

    /// `nil` until the device is sent something: an idle connection should cost little.
    private var parts: Parts?
    /// The place of the last item that the device was given: what comes again by another way is known by it.
    private var lastPlace = Int64.min
    private let hasExplicitReceipts: Bool

    /// How many items wait for a slow connection, and how many ids for an answer; what is beyond comes at the next connection.
    private static let capacity = 1000

    /// So many bytes are sent at once, far less than the bound of the connection's queue.
    private static let pieceBytes = 64 << 10
    private static let pause = TimeAmount.milliseconds(20)

    /// - Parameter hasExplicitReceipts: Whether the device itself says what it has.
    init(hasExplicitReceipts: Bool) {
        self.hasExplicitReceipts = hasExplicitReceipts
    }

    private mutating func makeParts() -> Parts {
        let made = parts ?? Parts()
        parts = made
        return made
    }

    // MARK: Receipts

    /// The transport has pinged the device.
    func pingSent() { parts?.receipts.pingSent() }

    /// The device has answered the last ping. Returns the ids of what it so has, where it does not say so itself.
    func pingAnswered() -> [String] { parts?.receipts.pingAnswered() ?? [] }

    /// The device has said itself that it has these.
    func received(_ ids: Set<String>) { parts?.receipts.received(ids) }

    private mutating func sent(_ item: MailboxItem, _ event: OutgoingEvent, to socket: Socket) {
        socket.emit(event)
        if !hasExplicitReceipts { makeParts().receipts.messageSent(item.id) }
    }

    // MARK: Sending

    /// Sends what was kept.
    mutating func begin(_ kept: [KeptItem], to socket: Socket) {
        guard let last = kept.last else { return }
        lastPlace = last.place ?? lastPlace
        makeParts().waiting = CircularBuffer(kept.prefix(Self.capacity).map { (item: $0.item, isOffline: true) })
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
        if let count = parts?.waiting?.count {
            if count < Self.capacity { parts?.waiting?.append((item, false)) }
            return false
        }
        sent(item, event, to: socket)
        return true
    }

    private mutating func pump(to socket: Socket) {
        guard let parts else { return }
        guard socket.connected else {
            parts.waiting = nil
            return
        }
        var bytes = 0
        while socket.isWritable, bytes < Self.pieceBytes, let (item, isOffline) = parts.waiting?.popFirst() {
            sent(item, item.event(isOffline: isOffline), to: socket)
            bytes += item.byteCount
        }
        if parts.waiting?.isEmpty == true { parts.waiting = nil }
        guard parts.waiting != nil else { return }
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
