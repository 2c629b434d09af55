import NIOCore

/// The way from publishers to all gateways.
public protocol EventBus: Sendable {
    /// Hands events to every gateway that is interested in them, in order; returns when the bus has taken them all.
    func publish(_ envelopes: [Envelope]) async throws
}

/// The bus of a single gateway: events go straight to its router.
public struct InMemoryBus: EventBus {
    private let router: EventRouter

    /// A bus that ends at `router`.
    public init(router: EventRouter) {
        self.router = router
    }

    /// Hands the events to the router in one pass of its loop, so that a connection gets those that concern it in one write. Waits until
    /// they have been routed, so that a publisher cannot outrun the gateway.
    public func publish(_ envelopes: [Envelope]) async throws {
        try await router.eventLoop.submit {
            for envelope in envelopes { router.publish(envelope) }
        }.get()
    }
}
