import Histogram
import NIOCore

/// What the connections of one event loop have received. Confined to its loop.
///
/// `@unchecked Sendable`: only `eventLoop` touches the variables, which every method asserts; references travel.
final class LoopTally: @unchecked Sendable {
    let eventLoop: any EventLoop
    private(set) var deliveries = 0
    private(set) var deliveredBytes = 0
    /// All text frames but pings, whatever they hold.
    private(set) var frames = 0
    private(set) var ended = 0
    /// When messages are due, where they are published at a rate.
    var schedule: PublishSchedule?
    /// Whether connections answer each `pong` with the next `ping`.
    var isEchoing = false
    /// Microseconds from when a message was due, or a `ping` sent, until it was there.
    private(set) var latencies = Histogram<UInt64>(highestTrackableValue: 60_000_000)
    private var target: (count: Int, promise: EventLoopPromise<Void>)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// An event of the measurement came.
    @inline(__always)
    func delivered(bytes: Int) {
        deliveries += 1
        deliveredBytes += bytes
        if let target, deliveries >= target.count {
            self.target = nil
            target.promise.succeed()
        }
    }

    @inline(__always)
    func frameReceived() {
        frames += 1
    }

    @inline(__always)
    func record(since start: NIODeadline) {
        let nanoseconds = (NIODeadline.now() - start).nanoseconds
        _ = latencies.record(UInt64(max(1, min(nanoseconds / 1_000, 60_000_000))))
    }

    /// Forgets the latencies so far.
    func forgetLatencies() { latencies.reset() }

    func connectionEnded() {
        ended += 1
    }

    /// Done when `count` deliveries have come in all; fails when they have not come within `timeout`.
    func reach(_ count: Int, within timeout: TimeAmount) -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        let promise = eventLoop.makePromise(of: Void.self)
        guard deliveries < count else {
            promise.succeed()
            return promise.futureResult
        }
        target = (count, promise)
        let overdue = eventLoop.scheduleTask(in: timeout) {
            promise.fail(BenchFailure("\(count - self.deliveries) deliveries are missing after \(timeout)"))
        }
        promise.futureResult.whenComplete { _ in overdue.cancel() }
        return promise.futureResult
    }
}

/// Why a measurement is worth nothing.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
