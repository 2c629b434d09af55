import GatewayDomain
import NIOCore

/// The way from publishers to all gateways.
public protocol EventBus: Sendable {
    /// Hands events to every gateway that is interested in them, in order; returns when the bus has taken them all.
    func publish(_ envelopes: [Envelope]) async throws
    /// Hands events over without waiting, where the bus can take them all on this thread; `false` where it has taken none.
    func publishAtOnce(_ envelopes: [Envelope]) -> Bool
}

extension EventBus {
    /// Takes nothing at once.
    public func publishAtOnce(_ envelopes: [Envelope]) -> Bool { false }
}

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
        guard router.eventLoop.inEventLoop, !envelopes.contains(where: { $0.type == .notification }) else { return false }
        for envelope in envelopes { router.publish(envelope) }
        return true
    }
}
