/// A point on a clock that never goes back, in nanoseconds from an arbitrary origin. The caller brings the time in.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the origin.
    public var nanoseconds: Int64

    /// An instant `nanoseconds` after the origin.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than anything that comes: a deadline that is none. Eight bytes, where an optional has sixteen in an object of many members.
    public static var distantFuture: Self { Self(nanoseconds: .max) }

    /// Earlier than.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The instant `duration` later; durations beyond 292 years are taken as 292 years.
    public static func + (instant: Self, duration: Duration) -> Self {
        Self(nanoseconds: instant.nanoseconds.addingSaturating(duration.wholeNanoseconds))
    }

    /// The last whole multiple of `tick` since the origin that is not after this instant.
    public func roundedDown(to tick: Duration) -> Self {
        let length = tick.wholeNanoseconds
        let excess = nanoseconds % length
        return Self(nanoseconds: nanoseconds.addingSaturating(-(excess < 0 ? excess + length : excess)))
    }

    /// The time from `right` to `left`; beyond 292 years it is taken as 292 years.
    public static func - (left: Self, right: Self) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? (left < right ? .min : .max) : difference)
    }
}

extension Duration {
    /// The duration in nanoseconds, as far as it fits.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product.addingSaturating(attoseconds / 1_000_000_000)
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
