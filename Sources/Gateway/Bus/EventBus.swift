/// The way from publishers to all gateways.
///
/// What a gateway wants to hear of it says in the other direction, to a ``TopicSource``: the bus in memory has none, and costs nothing there.
public protocol EventBus: Sendable {
    /// Hands events to every gateway that is interested in them, in order; returns when the bus has taken them all.
    ///
    /// - Throws: ``BusError`` where it has not. Some of the events may have been taken; their `id` makes it safe to publish all again.
    func publish(_ envelopes: [Envelope]) async throws
    /// Hands events over without waiting, where the bus can take them all on this thread; `false` where it has taken none.
    func publishAtOnce(_ envelopes: [Envelope]) -> Bool
}

extension EventBus {
    /// Takes nothing at once.
    public func publishAtOnce(_ envelopes: [Envelope]) -> Bool { false }
}

/// Why a bus did not take events, or a gateway could not be joined to it.
public struct BusError: Error, Sendable, CustomStringConvertible {
    /// Seconds after which another attempt makes sense.
    public static let retryAfter = 1

    /// What went wrong, for the operator; without credentials.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
