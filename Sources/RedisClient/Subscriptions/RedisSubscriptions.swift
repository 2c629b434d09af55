import NIOCore
import RESP

/// The channels of a client: over a connection of its own, which is made anew when it is cut, and subscribed again.
///
/// What is published while the connection is cut is lost: that is how Redis works. ``onStateChange(_:)`` tells when that may have happened.
public final class RedisSubscriptions: Sendable {
    /// What a name stands for.
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// One channel.
        case channel
        /// All channels that a pattern with `*`, `?` and `[…]` matches.
        case pattern
        /// One channel that only the node of its slot knows: Redis 7. On a server that is no cluster, a name space of its own.
        case sharded
    }

    /// Whether what is published arrives.
    public enum State: Hashable, Sendable {
        /// All subscriptions are confirmed.
        case live
        /// Some are not: a connection is cut, or Redis refuses now what it had confirmed. That is asked for again every
        /// ``RedisConfiguration/pingInterval``; the others are heard meanwhile.
        case cut
    }

    private let core: SubscriptionCore

    init(_ environment: ConnectionEnvironment, _ client: ClientCore) {
        self.core = SubscriptionCore(environment, client)
    }

    /// Subscribes, and returns when Redis has confirmed that.
    ///
    /// - Parameters:
    ///   - name: The channel or the pattern.
    ///   - kind: Whether it is a channel, a pattern or a channel of a shard.
    ///   - receive: Gets what is published, on the client's loop, in the order it arrives. It must not block.
    /// - Throws: ``RedisError``: there is a subscription of this name already, Redis refuses it, or the confirmation does not come within
    ///   ``RedisConfiguration/commandTimeout``. It is not subscribed then.
    public func subscribe(
        _ name: String,
        kind: Kind = .channel,
        _ receive: @escaping @Sendable (RedisMessage) -> Void
    ) async throws(RedisError) {
        let result: Result<Void, RedisError> = await withCheckedContinuation { continuation in
            subscribe(name, kind: kind, receive) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// As ``subscribe(_:kind:_:)``, without waiting: `done` is called on the client's loop.
    public func subscribe(
        _ name: String,
        kind: Kind = .channel,
        _ receive: @escaping @Sendable (RedisMessage) -> Void,
        done: @escaping @Sendable (Result<Void, RedisError>) -> Void
    ) {
        core.eventLoop.execute { self.core.subscribe(.init(kind: kind, name: name), receive, done) }
    }

    /// Ends a subscription; nothing where there is none. Nothing is received once this has returned.
    public func unsubscribe(_ name: String, kind: Kind = .channel) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            core.eventLoop.execute {
                self.core.unsubscribe(.init(kind: kind, name: name))
                continuation.resume()
            }
        }
    }

    /// As ``unsubscribe(_:kind:)``, without waiting. Order is kept with a ``subscribe(_:kind:_:done:)`` that follows from the same thread.
    public func endSubscription(_ name: String, kind: Kind = .channel) {
        core.eventLoop.execute { self.core.unsubscribe(.init(kind: kind, name: name)) }
    }

    /// Calls `change` at each change of state from here on, on the client's loop. Without subscriptions nothing is cut.
    public func onStateChange(_ change: @escaping @Sendable (State) -> Void) {
        core.eventLoop.execute { self.core.observe(change) }
    }

    /// Ends all. On the client's loop.
    func stop() { core.stop() }
}
