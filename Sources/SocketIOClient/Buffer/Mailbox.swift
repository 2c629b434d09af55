import NIOCore
import Synchronization

/// A bounded buffer between an event loop that puts in and tasks that take out.
///
/// Over its bounds the oldest elements are dropped and counted. Continuations are resumed outside the lock.
final class Mailbox<Element: Sendable>: Sendable {
    private typealias Continuation = CheckedContinuation<Element?, any Error>

    private struct State {
        var elements: CircularBuffer<(element: Element, cost: Int)> = []
        var cost = 0
        var dropped = 0
        var isFinished = false
        var nextID: UInt64 = 0
        /// The calls of `next` under way, and what they are to fail with once cancelled.
        var calls: [UInt64: (any Error)?] = [:]
        var waiters: CircularBuffer<(id: UInt64, continuation: Continuation)> = []
    }

    private let state = Mutex(State())
    private let maximumCount: Int
    private let maximumCost: Int

    /// - Parameters:
    ///   - maximumCount: The most elements kept.
    ///   - maximumCost: The most that the costs of the kept elements may add up to; the newest element is kept whatever it costs.
    init(maximumCount: Int, maximumCost: Int) {
        self.maximumCount = max(1, maximumCount)
        self.maximumCost = maximumCost
    }

    /// How many elements wait.
    var count: Int { state.withLock { $0.elements.count } }

    /// How many elements were dropped.
    var dropped: Int { state.withLock { $0.dropped } }

    func put(_ element: Element, cost: Int) {
        let continuation = state.withLock { state -> Continuation? in
            guard !state.isFinished else { return nil }
            if let waiter = state.waiters.popFirst() { return waiter.continuation }
            state.elements.append((element, cost))
            state.cost += cost
            while state.elements.count > 1, state.elements.count > maximumCount || state.cost > maximumCost {
                state.cost -= state.elements.removeFirst().cost
                state.dropped += 1
            }
            return nil
        }
        continuation?.resume(returning: element)
    }

    /// Nothing more will come; what waits can still be taken.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// The next element; `nil` after the end.
    ///
    /// - Throws: `CancellationError`, or ``SocketIOClientError`` of code `timeout` when nothing came within `timeout`.
    func next(within timeout: (limit: Duration, eventLoop: any EventLoop)? = nil) async throws -> Element? {
        let id = state.withLock { state in
            state.nextID += 1
            state.calls[state.nextID] = .some(nil)
            return state.nextID
        }
        let timer = timeout.map { timeout in
            timeout.eventLoop.scheduleTask(in: TimeAmount(timeout.limit)) {
                self.cancel(id, SocketIOClientError(.timeout, "nothing came within \(timeout.limit)"))
            }
        }
        defer {
            timer?.cancel()
            state.withLock { state in _ = state.calls.removeValue(forKey: id) }
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0, id: id) }
        } onCancel: {
            cancel(id, CancellationError())
        }
    }

    private func wait(_ continuation: Continuation, id: UInt64) {
        let result = state.withLock { state -> Result<Element?, any Error>? in
            if let error = state.calls[id] ?? nil { return .failure(error) }
            if let first = state.elements.popFirst() {
                state.cost -= first.cost
                return .success(first.element)
            }
            if state.isFinished { return .success(nil) }
            state.waiters.append((id, continuation))
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    private func cancel(_ id: UInt64, _ error: any Error) {
        let continuation = state.withLock { state -> Continuation? in
            if let index = state.waiters.firstIndex(where: { $0.id == id }) { return state.waiters.remove(at: index).continuation }
            if state.calls[id] != nil { state.calls[id] = .some(error) }
            return nil
        }
        continuation?.resume(throwing: error)
    }
}
