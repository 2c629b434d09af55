import MarketFeed
import Synchronization

/// Collects what a player publishes.
final class Published: Sendable {
    private let state = Mutex<[FeedEvent]>([])

    var events: [FeedEvent] { state.withLock { $0 } }

    func append(_ event: FeedEvent) {
        state.withLock { $0.append(event) }
    }
}
