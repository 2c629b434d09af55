import GatewayDomain
import NIOCore
import Synchronization

/// Looks for the live connections that revocations end. Those that come within a moment are looked for together, and one sweep begins when
/// the last one is over: users who log out by the thousand must not keep the loops from everybody else.
///
/// What waits for a sweep is remembered for as long as its tokens would be good anyway (`RevocationList`), so it needs no bound of its own.
final class RevocationSweep: Sendable {
    private struct State {
        var waiting = RevocationBatch()
        /// Whether a sweep is under way, or will begin in a moment.
        var isBusy = false
        var isClosed = false
    }

    /// How long a revocation waits for others: far less than the second within which its connections must end.
    static let patience = TimeAmount.milliseconds(50)

    private let eventLoop: any EventLoop
    private let sweep: @Sendable (RevocationBatch) -> EventLoopFuture<Void>
    private let state = Mutex(State())

    /// - Parameters:
    ///   - eventLoop: Where a sweep begins.
    ///   - sweep: Goes through all connections. Must not wait for the loops; its future says when they have done it.
    init(eventLoop: any EventLoop, sweep: @escaping @Sendable (RevocationBatch) -> EventLoopFuture<Void>) {
        self.eventLoop = eventLoop
        self.sweep = sweep
    }

    /// Has the connections concerned ended soon. From anywhere.
    func add(_ revocation: Revocation) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.waiting.add(revocation)
            if !state.isBusy { schedule(&state) }
        }
    }

    /// Begins no sweep any more: the loops may end from now on.
    func close() { state.withLock { $0 = State(isClosed: true) } }

    // The loops are given something to do under the lock only: so nothing of it comes behind `close()`.

    private func schedule(_ state: inout State) {
        state.isBusy = true
        eventLoop.scheduleTask(in: Self.patience) { self.begin() }
    }

    private func begin() {
        let sweeping = state.withLock { state -> EventLoopFuture<Void>? in
            guard !state.isClosed else { return nil }
            let batch = state.waiting
            state.waiting = RevocationBatch()
            return sweep(batch)
        }
        sweeping?.whenComplete { _ in self.ended() }
    }

    private func ended() {
        state.withLock { state in
            guard !state.isClosed else { return }
            if state.waiting.isEmpty { state.isBusy = false } else { schedule(&state) }
        }
    }
}
