extension EventRouter {
    /// The router's bounds.
    public struct Configuration: Sendable {
        /// How long a repeated event id is recognised.
        public var duplicateWindow: Duration = .seconds(120)
        /// How many event ids are remembered.
        public var maxRememberedIDs = 200_000
        /// How many rooms without members are tracked, such as those whose last value is kept.
        public var maxEmptyRooms = 200_000
        /// How long a room's last events are kept after its last member has left, and a room without a last value with them.
        public var linger: Duration = .seconds(120)
        /// Whether trades, orders and alerts are kept for clients that are away, by connection state recovery. Then ``linger`` must be longer
        /// than they may be.
        public var keepsMissedEvents = false
        /// The most events of one room that are kept for members who come back.
        public var loggedEventsPerRoom = 256
        /// The most bytes of one room that are kept for members who come back.
        public var loggedBytesPerRoom = 256 << 10
        /// The most bytes of all rooms that are kept for members who come back; beyond, a room's log begins anew.
        public var loggedBytes = 64 << 20
        /// After how long without an event a price or order book is reported stale; `nil` reports none.
        public var feedTimeout: Duration? = .seconds(10)
        /// How many levels of each side a whole book has for those who have not asked for another depth.
        public var bookDepth = 100
        /// The most levels of both sides together of a book that the gateway keeps.
        public var bookLevels = 10_000
        /// The most different views of one book (mode, depth, rate, checksum).
        public var bookViews = 64
        /// How long a room stays subscribed to on a bus between nodes after its last member has left.
        public var subscriptionLinger: Duration = .seconds(30)
        /// How long a join waits for the bus to confirm that this node hears the room.
        public var subscriptionTimeout: Duration = .seconds(3)
        /// How many events may wait for the last values of their rooms to be fetched, in all rooms. Beyond, a newer value takes the place of
        /// an older one of its room, of which the newest always has one; trades, orders and changes of books are dropped.
        public var maxHeldEvents = 20_000
        /// How often the router looks for stale feeds and rooms that nobody is in.
        public var sweepInterval: Duration = .milliseconds(500)

        /// The defaults.
        public init() {}
    }
}
