public import EngineIOCore
import Synchronization

/// A clock that only a test moves.
public final class ManualClock: Sendable {
    private let nanoseconds = Atomic<Int64>(0)

    /// At its origin.
    public init() {}

    /// The time it shows. From any thread.
    public var now: MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds.load(ordering: .acquiring)) }

    /// Moves it forward.
    public func advance(by duration: Duration) {
        nanoseconds.add(duration.wholeNanoseconds, ordering: .releasing)
    }
}
