import EngineIOCore
import GatewayDomain

/// What the router knows of a bus between nodes. Confined to the router's loop.
struct RemoteFeed {
    let source: any TopicSource
    var ledger: TopicLedger
    /// What the tickets of the ledger stand for.
    var turns: [TopicLedger.Ticket: (_ isLive: Bool) -> Void] = [:]
    /// Events of rooms whose last values are on their way here.
    var held: [Room: [Envelope]] = [:]
    var heldCount = 0
    /// Rooms of which more waited than may wait.
    var overflowed: Set<Room> = []
    /// What had come of rooms when their last values began to be fetched.
    var covered: [Room: Covered] = [:]
    /// Rooms whose epoch has ended, of which members of a firehose have not been shown where the new one begins.
    var owed: Set<Room> = []
    var merge: ChannelMerge
    /// When something was last found to be gone from a stream before this node had read it.
    var gaps: [BusStream: Duration] = [:]
    /// Since when the node is deaf.
    var deafSince: Duration?
    var statistics = BusStatistics()

    /// What a last value that is fetched has in it already, because publishers keep before they say.
    struct Covered {
        /// How many of the events that are held.
        var count: Int
        /// Whether more had come than may wait.
        var hasOverflowed: Bool
    }

    /// How far apart the copies of one event may come by two channels.
    static let mergeWindow: Duration = .seconds(10)
    /// How many arrivals are remembered for that.
    static let mergeCapacity = 200_000

    init(source: any TopicSource, configuration: EventRouter.Configuration) {
        self.source = source
        ledger = TopicLedger(linger: configuration.subscriptionLinger, patience: configuration.subscriptionTimeout)
        merge = ChannelMerge(window: Self.mergeWindow, capacity: Self.mergeCapacity)
    }
}
