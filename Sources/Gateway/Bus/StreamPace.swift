import RESP
import RedisClient

/// How many entries of each stream are read at once: as many as Redis can answer in one piece and in time. A value.
///
/// An answer that is too large, or takes too long, would be so again: after it much less is asked for, and in the end one entry by itself.
struct StreamPace: Hashable, Sendable {
    /// The most that is asked for.
    static let most = 500
    /// Twice as much as this may not fit into one answer any more, by far.
    static let plenty = RESPLimits().maximumValueLength / 4

    /// `nil`: one entry by itself, which is looked at before it is sent here.
    private(set) var count: Int? = most

    /// An answer came, with so many bytes of events.
    mutating func succeeded(bytes: Int) {
        guard bytes <= Self.plenty else { return }
        count = min(Self.most, count.map { $0 * 2 } ?? 1)
    }

    /// Nothing was read. Returns whether it is worth another try because less is asked for now.
    @discardableResult
    mutating func failed(_ error: RedisError) -> Bool {
        guard let count, error.code == .protocolViolation || error.code == .timeout else { return false }
        self.count = count >= 8 ? count / 8 : nil
        return true
    }
}
