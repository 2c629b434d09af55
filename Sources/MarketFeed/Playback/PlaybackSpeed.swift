/// How fast feeds are played.
public struct PlaybackSpeed: Hashable, Sendable {
    /// How many seconds of the feed pass in one second of the clock; `nil` where nothing is waited for.
    public let factor: Double?

    /// At the pace of the feed itself.
    public static let recorded = PlaybackSpeed(1)!
    /// As fast as the events can be published.
    public static let unlimited = PlaybackSpeed(0)!

    /// So many times the feed's own pace; zero and infinity are without limit.
    /// `nil` where it is negative, not a number, or below a millionth, at which nothing would ever happen.
    public init?(_ factor: Double) {
        if factor == 0 || factor == .infinity {
            self.factor = nil
        } else {
            guard factor >= 1e-6 else { return nil }
            self.factor = factor
        }
    }

    /// How long the clock runs while that much of the feed passes.
    func clockTime(of feedTime: Duration) -> Duration {
        factor.map { feedTime / $0 } ?? .zero
    }
}
