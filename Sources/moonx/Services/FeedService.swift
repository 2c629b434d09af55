import Gateway
import Logging
import MarketFeed
import ServiceLifecycle

/// Plays a market feed into the gateway of the same process.
struct FeedService: Service {
    let feeds: [any Feed]
    let speed: PlaybackSpeed
    let loops: Bool
    let server: GatewayServer
    let logger: Logger
    /// Sees each event before it is published.
    var observe: @Sendable (FeedEvent) -> Void = { _ in }

    func run() async throws {
        let player = FeedPlayer(feeds: feeds, speed: speed, loops: loops, clock: ContinuousClock())
        do {
            try await cancelWhenGracefulShutdown {
                try await player.run { event in
                    observe(event)
                    // What a bus does not take is counted there; the market goes on.
                    do { try await server.publish(json: event.envelope) } catch is BusError {}
                }
            }
        } catch is CancellationError {
            return
        } catch {
            // The gateway goes on without the feed: its clients have done nothing wrong.
            logger.error("the market feed has stopped", metadata: ["error": "\(error)"])
        }
        try? await gracefulShutdown()
    }
}
