import GatewayDomain
import NIOCore

/// The bus of a single gateway: events go straight to its router.
public struct InMemoryBus: EventBus {
    private let router: EventRouter
    private let settle: @Sendable (_ notified: [UserID]) async -> Void

    /// A bus that ends at `router`.
    ///
    /// - Parameter settle: Waits until the notifications of these users have been kept and sent.
    init(router: EventRouter, settle: @escaping @Sendable (_ notified: [UserID]) async -> Void = { _ in }) {
        self.router = router
        self.settle = settle
    }

    /// Hands the events to the router in one pass of its loop, so that a connection gets those that concern it in one write. Waits until
    /// they have been routed, and notifications been kept, so that a publisher cannot outrun the gateway.
    public func publish(_ envelopes: [Envelope]) async throws {
        try await router.eventLoop.submit {
            for envelope in envelopes { router.publish(envelope) }
        }.get()
        let notified = envelopes.filter { $0.type == .notification }.compactMap(\.userID)
        if !notified.isEmpty { await settle(notified) }
    }

    /// On the router's loop, and where nothing has to be kept before a publisher may go on.
    public func publishAtOnce(_ envelopes: [Envelope]) -> Bool {
        // By index: to go through the elements would be to copy each, twice.
        guard router.eventLoop.inEventLoop, !envelopes.indices.contains(where: { envelopes[$0].type == .notification }) else {
            return false
        }
        for index in envelopes.indices { router.publish(envelopes[index]) }
        return true
    }
}
