/// Where a client's view of a room ended: the last event it has seen.
public struct ResumePoint: Hashable, Sendable {
    /// The epoch of that event.
    public let epoch: String
    /// Its number within the epoch; 0 where none was seen.
    public let seq: UInt64

    /// The event numbered `seq` of `epoch`.
    public init(epoch: String, seq: UInt64) {
        self.epoch = epoch
        self.seq = seq
    }
}
